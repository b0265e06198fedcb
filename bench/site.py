"""Pages and bookings a second with one and two web processes, on SQLite and on PostgreSQL.

Runs the real site over HTTP on loopback, with databases as durable as in production. The clients
run on the same machine, so the rate means less than the cost of each request: the CPU time that the
web processes spend on it. Needs Linux, since it reads /proc.
"""

import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.e2e.servers.postgres import PostgresServer
from tests.e2e.servers.web import running_site

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = ROOT / "bin" / "rehearsal" / "people.py"
VISITORS = 8
SECONDS = 5.0


@dataclass(frozen=True)
class Rate:
    """Responses a second, and the web processes' CPU time for each, in milliseconds."""

    a_second: float
    cost: float


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="p2plearn-bench-") as name, sqlite(Path(name)) as url:
        _manage(_env(url, folder=Path(name)), "collectstatic", "--no-input", "--verbosity=0")
    for database in (sqlite, postgres):
        one, two = _measured(database, processes=1), _measured(database, processes=2)
        for kind, rate in one.items():
            print(
                f"{database.__name__:9} {kind:13} {rate.a_second:6.1f}/s with one process, "
                f"{two[kind].a_second / rate.a_second:.2f} times that with two; "
                f"each costs {rate.cost:5.1f} ms of a core",
                flush=True,
            )


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'db.sqlite3'}"


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    with PostgresServer(is_durable=True) as server:
        yield server.create_database("bench")


class Visitor:
    """Somebody who is logged in, behind a proxy that opens a connection for each request."""

    def __init__(self, base_url: str, session: str) -> None:
        self._address = urlsplit(base_url).netloc
        self._cookies = {"sessionid": session}

    def get(self, path: str) -> int:
        return self._ask("GET", path)

    def book(self, slots: Iterator[tuple[str, datetime]]) -> int:
        """Book the next of slots, which no other visitor has."""
        mentor, start = next(slots)
        fields = {"start": start.isoformat(), "duration": "60", "subject": "Loops"}
        fields |= {"description": "", "form_key": str(uuid.uuid4())}
        return self._ask("POST", f"/book-session/{mentor}/", urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None = None) -> int:
        pairs = self._cookies.items()
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in pairs)}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = self._cookies["csrftoken"]
        connection = http.client.HTTPConnection(self._address, timeout=60)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            response.read()
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return response.status


def _measured(
    database: Callable[[Path], AbstractContextManager[str]], *, processes: int
) -> dict[str, Rate]:
    """`{kind: rate}` of a new site."""
    with (
        tempfile.TemporaryDirectory(prefix="p2plearn-bench-") as name,
        database(Path(name)) as url,
    ):
        env = _env(url, folder=Path(name))
        with running_site(env, workers=processes) as base_url:
            people = json.loads(_manage(env, "shell", "--no-imports", stdin=PEOPLE.read_text()))
            mentors: list[str] = people["mentors"]
            visitors = [Visitor(base_url, key) for key in people["learners"][:VISITORS]]
            pages = {
                "home": "/",
                "mentors": "/mentors/",
                "booking page": f"/book-session/{mentors[0]}/",
                "dashboard": "/dashboard/",
            }
            address = urlsplit(base_url).netloc
            rates = {
                kind: _rate([partial(each.get, path) for each in visitors], 200, address)
                for kind, path in pages.items()
            }
            bookings = [
                partial(visitor.book, _slots(mentors, number))
                for number, visitor in enumerate(visitors)
            ]
            return rates | {"bookings": _rate(bookings, 303, address)}


def _rate(asks: Sequence[Callable[[], int]], expected: int, address: str) -> Rate:
    """The rate of all asks together, repeated for SECONDS; exits on an unexpected status."""
    for ask in asks:
        ask()
    answers = [0] * len(asks)
    wrong: list[int] = []
    over = time.monotonic() + SECONDS

    def go_on(number: int) -> None:
        while time.monotonic() < over and not wrong:
            status = asks[number]()
            answers[number] += 1
            if status != expected:
                wrong.append(status)

    began, taken = time.monotonic(), _processor_seconds(address)
    threads = [threading.Thread(target=go_on, args=(number,)) for number in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        sys.exit(f"The site answered with {wrong[0]} in place of {expected}.")
    seconds, taken = time.monotonic() - began, _processor_seconds(address) - taken
    return Rate(sum(answers) / seconds, 1000 * taken / sum(answers))


def _processor_seconds(address: str) -> float:
    """The CPU time so far of the web processes that listen at address."""
    ticks = 0
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"--bind={address}".encode() in command.read_bytes():
                # After the name in brackets; utime and stime are fields 14 and 15 (proc(5)).
                stat = (command.parent / "stat").read_text(encoding="utf-8")
                ticks += sum(int(field) for field in stat.rpartition(")")[2].split()[11:13])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def _slots(mentors: Sequence[str], number: int) -> Iterator[tuple[str, datetime]]:
    """`(mentor, start)` for each hour of 50 days, with the mentor that only this visitor books."""
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    for hours in range(24 * 50):
        yield mentors[number % len(mentors)], first + timedelta(hours=hours)


def _env(url: str, *, folder: Path) -> dict[str, str]:
    """Settings of a site that serves as in production, without limits and without mail."""
    return {
        "DJANGO_SETTINGS_MODULE": "p2plearn.settings",
        "ENVIRONMENT": "development",
        "DEBUG": "off",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DATABASE_URL": url,
        "CACHE_URL": "dbcache://site_cache",
        "JOBS_URL": "",
        "VAR_DIR": str(folder),
        "EMAIL_URL": "dummymail://",
        "RATE_LIMITS": "off",
        "UPCOMING_MEETINGS_LIMIT": "10000",
        "LOG_LEVEL": "ERROR",
    }


def _manage(env: Mapping[str, str], *arguments: str, stdin: str = "") -> str:
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        input=stdin,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return result.stdout


if __name__ == "__main__":
    main()
