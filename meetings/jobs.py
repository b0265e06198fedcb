"""What the worker does.

The state is in our tables, so that a job that is lost or runs twice does no harm.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from time import monotonic, time
from typing import TypeVar

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from accounts.models import CalendarConnection, TokenFamily
from meetings.models import BusyCell, Heartbeat, Meeting, Notification, RequestKey
from meetings.models.busy_times import BATCH, REFRESH, refresh
from meetings.models.calendar import WORKER_TIMEOUT
from meetings.models.next_free import refresh_stale_next_free
from meetings.models.outbox import outbox
from meetings.services.worker import on_ring

logger = logging.getLogger(__name__)

Row = TypeVar("Row")

# How many events one sweep brings up, so that the next sweep is not late.
CALENDAR_BATCH = 100
# Seconds after which a step begins with no other calendar: one that hangs takes its full time.
STEP_SECONDS = 30


@db_periodic_task(crontab(minute="*"))
def tick() -> None:
    """Once a minute."""
    sweep(timezone.now())


@db_task()
def send_mail(rung_at: float | None = None) -> None:
    """Whenever something was written to be mailed. rung_at: Unix time, for longest_wait()."""
    outbox.send_due(timezone.now())


on_ring(lambda: send_mail(time()))


def longest_wait() -> timedelta:
    """How long the job that is next has waited in the queue.

    Raises what the queue raises when it cannot be reached. A tick tells no time; whether those are
    done is told by the worker's heartbeat.
    """
    rings = [task.args[0] for task in send_mail.huey.pending(limit=1) if task.args]
    return timedelta(seconds=max((time() - rung_at for rung_at in rings), default=0))


def sweep(now: datetime) -> None:
    """Find and do whatever is due, also what a crash has left; a step that fails holds no other."""
    steps: list[Callable[[datetime], object]] = [
        Heartbeat.objects.beat,
        Meeting.objects.complete_overdue,
        Meeting.cancel_without_people,
        outbox.send_due,
        bring_calendars_up,
        refresh_busy_times,
        refresh_stale_next_free,
        BusyCell.objects.purge,
        RequestKey.objects.purge,
        TokenFamily.objects.purge,
        Notification.objects.purge,
    ]
    for step in steps:
        try:
            step(now)
        except Exception:
            logger.exception("sweep: %s failed", step.__qualname__)


def refresh_busy_times(now: datetime) -> int:
    """Ask the connected calendars whose answer is old; returns how many answered."""
    stale = CalendarConnection.objects.stale(now - REFRESH).select_related("user__mentor_profile")
    return refresh(_in_time(stale[:BATCH]), now=now, timeout=WORKER_TIMEOUT)


def bring_calendars_up(now: datetime) -> int:
    """Match the events of meetings that are due; returns how many match now."""
    due = Meeting.objects.due_for_calendar(now).select_related("mentor", "learner")
    matched = 0
    for meeting in _in_time(due.order_by("calendar_due_at")[:CALENDAR_BATCH]):
        try:
            matched += meeting.match_calendar()
        except Exception:
            logger.exception("sweep: calendar of meeting %s failed", meeting.pk)
    return matched


def _in_time(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows that there is time for; the others have their turn in the next sweep."""
    end = monotonic() + STEP_SECONDS
    return takewhile(lambda _row: monotonic() < end, rows)
