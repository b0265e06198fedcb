"""Error reports: a real site raises errors, and a fake Sentry on loopback receives them."""

import gzip
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from tests.p2plearn.production import manage

UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}
# A request through WSGI. There are no tables, so the page raises.
BREAK = """
import logging
import sentry_sdk
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory

said = []
asked = RequestFactory().get(
    "/join/s3cret-token/?q=s3cret-query",
    headers={
        "Host": "localhost",
        "X-Request-ID": "from-the-proxy",
        "Authorization": "Bearer s3cret-bearer",
        "Cookie": "sessionid=s3cret-session",
    },
)
list(get_wsgi_application()(asked.environ, lambda status, headers: said.append(status)))
assert said == ["500 Internal Server Error"], said
secret = "s3cret-local"
logging.getLogger("meetings").error("no mail to %s", "s3cret@example.com")
sentry_sdk.flush()
"""
FULL = """
import sentry_sdk
sentry_sdk.capture_exception(OSError(28, "No space left on device"))
sentry_sdk.flush()
"""


@dataclass
class Listener:
    dsn: str
    events: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def sentry() -> Iterator[Listener]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            text = UNPACK[self.headers.get("Content-Encoding")](body).decode()
            # One line for the envelope's header, then two for each item.
            listener.events.extend(json.loads(line) for line in text.splitlines()[2::2])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = Listener(f"http://key@127.0.0.1:{server.server_port}/1")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield listener
    server.shutdown()
    thread.join()
    server.server_close()


def run(program, tmp_path, **more):
    result = manage(
        "shell",
        "-v",
        "0",
        "-c",
        program,
        # Its error page needs no collected static files.
        DJANGO_SETTINGS_MODULE="tests.settings",
        ENVIRONMENT="test",
        DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        TRUSTED_PROXIES="1",
        **more,
    )
    assert result.returncode == 0, result.stderr


def test_what_breaks_is_reported_and_whose_it_was_is_not(sentry, tmp_path):
    run(BREAK, tmp_path, SENTRY_DSN=sentry.dsn)

    page, line = sentry.events
    broken = page["exception"]["values"][-1]
    assert broken["type"] == "OperationalError"
    assert broken["value"].startswith("no such table")
    assert page["request"] == {"method": "GET", "url": "http://localhost/join/…/"}
    assert page["tags"]["request"] == "from-the-proxy"
    assert line["logentry"]["message"] == "no mail to %s"
    assert "s3cret" not in json.dumps(sentry.events, indent=1)


def test_trouble_around_the_site_is_not_reported(sentry, tmp_path):
    run(FULL, tmp_path, SENTRY_DSN=sentry.dsn)

    assert sentry.events == []


def test_without_an_address_nothing_of_it_is_even_loaded(tmp_path):
    run("import sys; assert not {'sentry_sdk', 'prometheus_client'} & set(sys.modules)", tmp_path)
