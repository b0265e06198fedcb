"""Checks of mail and rate limits for `manage.py check --deploy`."""

from typing import Any

from django.conf import settings
from django.core import checks

CONSOLE_MAIL = "django.core.mail.backends.console.EmailBackend"
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


def check_mail(**kwargs: Any) -> list[checks.CheckMessage]:
    """Mail must not go to the console: people would get none, and the log would get its codes."""
    if settings.EMAIL_BACKEND != CONSOLE_MAIL:
        return []
    return [
        checks.Error(
            "Mail only goes to the log, with its addresses and codes.",
            hint="Name a server in EMAIL_URL.",
            id="accounts.E002",
        )
    ]
