"""Health checks for monitoring: whether the site is up (`/healthz`) and all works (`/readyz`).

Both are public, so they name the failed checks and nothing else.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from meetings.integrations.outages import is_transient
from meetings.models import CalendarEvent, Heartbeat, Notification
from meetings.tasks import longest_wait

logger = logging.getLogger(__name__)

PATHS = ("/healthz", "/readyz")
# The worker stores a heartbeat once a minute.
SILENT = timedelta(minutes=3)
# A worker that keeps up does due work within a minute or two.
LATE = timedelta(minutes=10)


def is_database_up(now: datetime) -> bool:
    Heartbeat.objects.latest_beat()
    return True


def is_queue_moving(now: datetime) -> bool:
    return longest_wait() < LATE


def is_worker_alive(now: datetime) -> bool:
    beat_at = Heartbeat.objects.latest_beat()
    return beat_at is not None and now - beat_at < SILENT


def is_calendar_up_to_date(now: datetime) -> bool:
    """Whether no event is overdue. One that the calendar refused is due at its next retry."""
    return not CalendarEvent.objects.due(now - LATE).exists()


def is_mail_going(now: datetime) -> bool:
    """Whether no mail is overdue. One that the mail server refused is due at its next retry."""
    return not Notification.objects.due(now - LATE).exists()


CHECKS: dict[str, Callable[[datetime], bool]] = {
    "database": is_database_up,
    "queue": is_queue_moving,
    "worker": is_worker_alive,
    "calendar": is_calendar_up_to_date,
    "mail": is_mail_going,
}
# These query the database. If it is down, each would only wait for it again.
NEED_DATABASE = ("worker", "calendar", "mail")


def readiness(now: datetime) -> dict[str, str]:
    """`{name: "ok" | "failing" | "unknown"}` of each check."""
    results: dict[str, str] = {}
    for name, check in CHECKS.items():
        if name in NEED_DATABASE and results["database"] != "ok":
            results[name] = "unknown"
        else:
            results[name] = "ok" if _holds(name, check, now) else "failing"
    return results


def _holds(name: str, check: Callable[[datetime], bool], now: datetime) -> bool:
    try:
        return check(now)
    except Exception as error:
        if not is_transient(error):
            raise
        logger.warning("readyz: %s cannot be reached: %s", name, type(error).__name__)
        return False


class HealthMiddleware:
    """Answers both paths without session, cookie, rate limit or redirect to HTTPS.

    It accepts any host name, since monitoring may use another one than people.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._answers = dict(zip(PATHS, (self._live, self._ready), strict=True))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._answers.get(request.path)
        if answer is None:
            return self.get_response(request)
        allowed = request.method in ("GET", "HEAD")
        response = answer() if allowed else HttpResponseNotAllowed(["GET", "HEAD"])
        response["Cache-Control"] = "no-store"
        return response

    @staticmethod
    def _live() -> HttpResponse:
        return JsonResponse({"status": "ok"})

    @staticmethod
    def _ready() -> HttpResponse:
        checks = readiness(timezone.now())
        if set(checks.values()) == {"ok"}:
            return JsonResponse({"status": "ok", "checks": checks})
        body = {"status": "unavailable", "checks": checks}
        return JsonResponse(body, status=HTTPStatus.SERVICE_UNAVAILABLE)
