"""The language, clock and time zone of the person who reads a page or mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)

from accounts import clocks
from accounts.models import User
from accounts.zones import browser_zone, zone_or_utc


@dataclass(frozen=True)
class ViewerLocale:
    """How one reader sees texts and times; activate() applies it inside a block."""

    language: str
    clock: str
    zone: ZoneInfo

    @classmethod
    def person(cls, person: User) -> "ViewerLocale":
        """As the person has chosen."""
        return cls(person.language, person.clock, person.zone)

    @classmethod
    def of(cls, request: HttpRequest) -> "ViewerLocale":
        """From the profile or, for somebody who is not logged in, from the browser."""
        if isinstance(request.user, User):
            return cls.person(request.user)
        return cls.browser(request)

    @classmethod
    def browser(cls, request: HttpRequest) -> "ViewerLocale":
        """From headers and cookies; the language is the one that LocaleMiddleware has activated."""
        language = translation.get_language()
        clock = clocks.browser_clock(request.headers.get("Accept-Language", ""), language)
        return cls(language, clock, zone_or_utc(browser_zone(request)))

    @contextmanager
    def activate(self) -> Iterator[None]:
        with (
            translation.override(self.language),
            clocks.override(self.clock),
            timezone.override(self.zone),
        ):
            yield


def language_asked(request: HttpRequest) -> str | None:
    """The first language of the Accept-Language header that the site supports; else None."""
    for tag, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return None
