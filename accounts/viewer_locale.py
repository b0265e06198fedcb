"""Whoever reads: in which language, on which clock and in which zone."""

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
    """What is written inside shown() is written for them."""

    language: str
    clock: str
    zone: ZoneInfo

    @classmethod
    def person(cls, person: User) -> "ViewerLocale":
        """As the person has chosen."""
        return cls(person.language, person.clock, person.zone)

    @classmethod
    def of(cls, request: HttpRequest) -> "ViewerLocale":
        """As the profile says and, for somebody who is not signed in, the browser."""
        if isinstance(request.user, User):
            return cls.person(request.user)
        return cls.browser(request)

    @classmethod
    def browser(cls, request: HttpRequest) -> "ViewerLocale":
        """As the browser tells. Its language, or the one chosen in it, is the active one, by
        LocaleMiddleware."""
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
    """The first language of its Accept-Language header that the site speaks, if there is one."""
    for tag, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return None
