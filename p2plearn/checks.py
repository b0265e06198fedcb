"""Checks of the site's services for `manage.py check --deploy`."""

from typing import Any

from django.conf import settings
from django.core import checks


def check_redis(**kwargs: Any) -> list[checks.CheckMessage]:
    """Report where the site does without Redis.

    One machine needs none, so this is only info: a warning would stop a deploy with
    --fail-level WARNING.
    """
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
