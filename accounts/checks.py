"""What `manage.py check --deploy` says of these settings beyond Django's own checks."""

from typing import Any

from django.conf import settings
from django.core import checks

PER_PROCESS_CACHES = ("LocMemCache", "DummyCache")


def check_rate_limits(**kwargs: Any) -> list[checks.CheckMessage]:
    """Limits must be on, and count in a cache that all processes share."""
    found: list[checks.CheckMessage] = []
    if not settings.RATE_LIMITS:
        found.append(
            checks.Error("RATE_LIMITS is off.", hint="Remove RATE_LIMITS=off.", id="accounts.E001")
        )
    if settings.CACHES["default"]["BACKEND"].endswith(PER_PROCESS_CACHES):
        found.append(
            checks.Warning(
                "CACHE_URL names a cache that each process has for itself, so rate limits are "
                "multiplied by the number of processes.",
                hint="Leave CACHE_URL out to use the database, or name a Redis.",
                id="accounts.W001",
            )
        )
    return found
