import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.servers.web import WebError, running_site

ENV = {"DJANGO_SETTINGS_MODULE": "tests.settings", "ENVIRONMENT": "test"}


def test_the_real_site_answers_and_is_gone_after_the_block(tmp_path: Path) -> None:
    env = {**ENV, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}

    with running_site(env, workers=2, threads=2) as base_url:
        host = urlsplit(base_url).netloc
        status = _status(host, "/accounts/login/")

    assert status == 200
    with pytest.raises(ConnectionRefusedError):
        _status(host, "/")


def test_a_site_that_cannot_be_prepared_says_why(tmp_path: Path) -> None:
    env = {**ENV, "DATABASE_URL": f"sqlite:///{tmp_path}/no-such-folder/db.sqlite3"}

    with pytest.raises(WebError, match="unable to open database file"), running_site(env):
        pass


def _status(host: str, path: str) -> int:
    connection = http.client.HTTPConnection(host, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
