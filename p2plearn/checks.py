"""What `manage.py check --deploy` says of how the site is put together."""

from typing import Any

from django.conf import settings
from django.core import checks


def check_redis(**kwargs: Any) -> list[checks.CheckMessage]:
    """What each machine has for itself without Redis. One machine needs none, so it is told and
    no more: a warning would stop those who deploy with --fail-level WARNING."""
    found: list[checks.CheckMessage] = []
    if "url" not in settings.HUEY:
        found.append(
            checks.Info(
                "The queue is a file of each machine. A worker on another one is not told at once "
                "what a page has written, and finds it within a minute.",
                hint="With more than one machine, name a Redis in JOBS_URL.",
                id="p2plearn.I001",
            )
        )
    if settings.CACHES["default"]["BACKEND"].endswith(".DatabaseCache"):
        found.append(
            checks.Info(
                "Rate limits are counted in the database: they hold across all processes and "
                "machines, but each costs a few writes.",
                hint="When the database has much to do, name a Redis in CACHE_URL.",
                id="p2plearn.I002",
            )
        )
    return found
