"""The rate limits of the API, counted in the shared cache and so across all processes."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from allauth.account import app_settings as account_settings
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from accounts.allauth_internals import ratelimit
from accounts.models import User

OURS, PAGES = "p2plearn.api", "allauth.account"


@dataclass
class Limited(Exception):
    """A rate limit was exceeded. retry_after: seconds until the next call can succeed."""

    retry_after: int


def count_call(request: HttpRequest, person: User) -> None:
    """Count a call of an authenticated person. Raises Limited."""
    _count(request, OURS, "api", settings.API_RATE_LIMITS, person)


def count_anonymous(request: HttpRequest) -> None:
    """Count a call without a valid token. Raises Limited."""
    _count(request, OURS, "api_anonymous", settings.API_RATE_LIMITS, None)


def count_login(request: HttpRequest) -> None:
    """Count a log-in, together with those on the page. Raises Limited."""
    _count(request, PAGES, "login", account_settings.RATE_LIMITS, None)


def count_booking(request: HttpRequest, person: User) -> None:
    """Count a booking, together with those on the page. Raises Limited."""
    _count(request, PAGES, "book", account_settings.RATE_LIMITS, person)


def _count(
    request: HttpRequest, app: str, action: str, config: Mapping[str, str], person: User | None
) -> None:
    used = ratelimit.consume(
        request, app=app, action=action, config=config, user=person, limit_get=True
    )
    if not used:
        raise Limited(_seconds_to_wait(request, app, action, config, person))


def _seconds_to_wait(
    request: HttpRequest, app: str, action: str, config: Mapping[str, str], person: User | None
) -> int:
    """Seconds until the oldest call that fills a limit expires; 1 at least."""
    waits = [1.0]
    for rate in ratelimit.get_rates(app=app, action=action, config=config):
        key = ratelimit.get_cache_key(request, app=app, action=action, rate=rate, user=person)
        # Newest first.
        calls = cache.get(key, [])
        if len(calls) >= rate.amount:
            waits.append(calls[-1] + rate.duration - time.time())
    return math.ceil(max(waits))
