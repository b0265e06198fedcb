"""People with a browser each, who can act at the same moment."""

import http.client
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client

from accounts.models import User

SECONDS = 60
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Answer:
    """The site's response. location: the redirect's target, or empty."""

    status: int
    location: str
    text: str
    retry_after: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether the action succeeded."""
        return self.status in (200, 302, 303)


@dataclass
class Visitor:
    """A person logged in at the site at base_url, with their cookies."""

    user: User
    base_url: str
    cookies: dict[str, str] = field(default_factory=dict)

    @classmethod
    def logged_in(cls, user: User, base_url: str, page: str) -> "Visitor":
        """Create the session in the database; get the CSRF cookie from page, which has a form."""
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        visitor = cls(user, base_url, {settings.SESSION_COOKIE_NAME: session})
        answer = visitor.get(page)
        assert answer.status == 200
        assert settings.CSRF_COOKIE_NAME in visitor.cookies
        return visitor

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, **fields: object) -> Answer:
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str = "") -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body or method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = self.cookies[settings.CSRF_COOKIE_NAME]
        connection = http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=SECONDS)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        location, retry_after = (response.headers.get(name) for name in ("Location", "Retry-After"))
        return Answer(response.status, location or "", text, retry_after)


def at_once(presses: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
    """Run all functions at the same moment; return their results in order."""
    ready = threading.Barrier(len(presses))

    def press_when_all_are_ready(press: Callable[[], Outcome]) -> Outcome:
        ready.wait(SECONDS)
        return press()

    with ThreadPoolExecutor(max_workers=len(presses)) as pool:
        return list(pool.map(press_when_all_are_ready, presses))
