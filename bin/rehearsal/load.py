"""Visitors who read and book over TLS, and records of the responses. Standard library only."""

import http.client
import random
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

READERS = 6
BOOKERS = 2
# For each booker; readers do not pause.
SECONDS_BETWEEN_BOOKINGS = 0.7
# Longer than a proxy waits, so that a timeout is the site's failure, not ours.
SECONDS_TO_ANSWER = 90
SUBJECT = "Booked while the site was exchanged"


@dataclass
class Record:
    """The results of one kind of request."""

    answers: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def count(self, seconds: float, failure: str) -> None:
        self.answers += 1
        self.slowest = max(self.slowest, seconds)
        if failure:
            self.failures.append(f"{datetime.now(UTC):%H:%M:%S} {failure}")


class Visitor:
    """Somebody with a connection to the site at 127.0.0.1 and, if logged in, a session."""

    def __init__(self, domain: str, certificate: Path, session: str = "") -> None:
        self._domain = domain
        self._context = ssl.create_default_context(cafile=str(certificate))
        self._cookies = {"sessionid": session} if session else {}
        self._connection: _Loopback | None = None

    def get(self, path: str) -> tuple[int, str]:
        """`(status, text)`. Raises OSError or HTTPException without a complete response."""
        return self._ask("GET", path)

    def book(self, mentor: str, start: datetime) -> tuple[int, str]:
        """Submit the form of the booking page, which must have been requested before.

        Uses a new connection: one that was idle for a minute may be closed at any moment.
        """
        self.close()
        fields = {"start": start.isoformat(), "duration": "60", "subject": SUBJECT}
        fields |= {"description": "", "form_key": str(uuid.uuid4())}
        return self._ask("POST", f"/book-session/{mentor}/", urlencode(fields))

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        headers = {"Host": self._domain, "Origin": f"https://{self._domain}"}
        if self._cookies:
            pairs = self._cookies.items()
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in pairs)
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = self._cookies["csrftoken"]
        self._connection = self._connection or _Loopback(self._domain, self._context)
        try:
            self._connection.request(method, path, body or None, headers)
            response = self._connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return response.status, text


class Load:
    """Many concurrent visitors, inside a `with` block.

    with Load(domain, certificate, mentors=…, sessions=…, pages=…) as load:
        …
    load.records, load.booked
    """

    def __init__(
        self,
        domain: str,
        certificate: Path,
        *,
        mentors: Sequence[str],
        sessions: Sequence[str],
        pages: Sequence[str],
    ) -> None:
        self.records = {"read": Record(), "book": Record()}
        self.booked = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._mentors = mentors
        self._pages = pages
        self._readers = [Visitor(domain, certificate) for _reader in range(READERS)]
        self._learners = [Visitor(domain, certificate, session) for session in sessions]
        self._slots = self._free_slots()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for learner in self._learners:
            # The first request sets the CSRF cookie.
            learner.get(f"/book-session/{self._mentors[0]}/")
        self._threads = [
            threading.Thread(target=self._read, args=(each,)) for each in self._readers
        ]
        for number in range(BOOKERS):
            # Each thread has its own learners, so that no two share a connection.
            mine = self._learners[number::BOOKERS]
            self._threads.append(threading.Thread(target=self._book, args=(mine,)))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failures(self) -> list[str]:
        return [failure for record in self.records.values() for failure in record.failures]

    def _read(self, visitor: Visitor) -> None:
        while not self._over.is_set():
            page = random.choice(self._pages)  # noqa: S311  which page is no secret
            self._count("read", partial(visitor.get, page), expected=200, what=page)

    def _book(self, learners: Sequence[Visitor]) -> None:
        turn = 0
        while not self._over.wait(SECONDS_BETWEEN_BOOKINGS):
            learner = learners[turn % len(learners)]
            turn += 1
            with self._lock:
                mentor, start = self._slots.pop()
            press = partial(learner.book, mentor, start)
            if self._count("book", press, expected=303, what="a booking"):
                with self._lock:
                    self.booked += 1

    def _count(
        self, kind: str, ask: Callable[[], tuple[int, str]], *, expected: int, what: str
    ) -> bool:
        began = time.monotonic()
        try:
            status, _text = ask()
            failure = "" if status == expected else f"{what} was answered with {status}"
        except (OSError, http.client.HTTPException) as error:
            failure = f"{what}: {error!r}"
        with self._lock:
            self.records[kind].count(time.monotonic() - began, failure)
        return not failure

    def _free_slots(self) -> list[tuple[str, datetime]]:
        """`[(mentor, start)]`, last first: every second hour of four weeks, without overlap."""
        first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        starts = [first + timedelta(hours=2 * number) for number in range(12 * 28)]
        slots = [(mentor, start) for start in starts for mentor in self._mentors]
        return slots[::-1]


class _Loopback(http.client.HTTPSConnection):
    """Connects to this machine, whatever the host name; TLS still verifies the name."""

    def __init__(self, domain: str, context: ssl.SSLContext) -> None:
        super().__init__(domain, timeout=SECONDS_TO_ANSWER, context=context)
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), SECONDS_TO_ANSWER)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
