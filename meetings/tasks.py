"""The jobs of the worker.

Their state is in the database, so that a job that is lost or runs twice does no harm.
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
from meetings.booking.lifecycle import cancel_without_people, complete_overdue
from meetings.calendars.external_busy import BATCH, REFRESH, refresh
from meetings.calendars.sync import WORKER_TIMEOUT, sync_event
from meetings.integrations.queue import on_wake
from meetings.models import BusyCell, CalendarEvent, Heartbeat, Notification, RequestKey
from meetings.notifications.outbox import next_abandoned, send_due
from meetings.scheduling.next_free import refresh_stale_next_free

logger = logging.getLogger(__name__)

Row = TypeVar("Row")

TICK = timedelta(minutes=1)
# Calendar events per sweep, so that the next sweep is not late.
CALENDAR_BATCH = 100
# Seconds after which a step starts no further calendar, since one that hangs takes its timeout.
STEP_SECONDS = 30


@db_periodic_task(crontab(minute="*"))
def tick() -> None:
    """Sweep once a minute."""
    now = timezone.now()
    sweep(now)
    # If a process has died, its mails are due when its lease expires, before the next tick.
    if (free_at := next_abandoned(now, within=TICK)) is not None:
        send_mail.schedule(eta=free_at + timedelta(seconds=1))


@db_task()
def send_mail(rung_at: float | None = None) -> None:
    """Send the due mails; queued when one was written. rung_at: Unix time, for longest_wait()."""
    send_due(timezone.now())


on_wake(lambda: send_mail(time()))


def longest_wait() -> timedelta:
    """How long the next job has waited in the queue; zero without one.

    Raises the queue's error if it cannot be reached. Ticks have no time: the worker's heartbeat
    shows whether they run.
    """
    rings = [task.args[0] for task in send_mail.huey.pending(limit=1) if task.args]
    return timedelta(seconds=max((time() - rung_at for rung_at in rings), default=0))


def sweep(now: datetime) -> None:
    """Do everything that is due, also after a crash; a step that fails does not stop the others."""
    steps: list[Callable[[datetime], object]] = [
        Heartbeat.objects.beat,
        complete_overdue,
        cancel_without_people,
        send_due,
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
    """Read the connected calendars whose busy times are old; returns how many answered."""
    stale = CalendarConnection.objects.stale(now - REFRESH).select_related("user__mentor_profile")
    return refresh(_in_time(stale[:BATCH]), now=now, timeout=WORKER_TIMEOUT)


def bring_calendars_up(now: datetime) -> int:
    """Make the due events match their meetings; returns how many match now."""
    due = CalendarEvent.objects.due(now).values_list("pk", "meeting_id")
    matched = 0
    for pk, meeting_id in _in_time(due[:CALENDAR_BATCH]):
        try:
            matched += not sync_event(pk).is_behind
        except Exception:
            logger.exception("sweep: calendar of meeting %s failed", meeting_id)
    return matched


def _in_time(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows until STEP_SECONDS have passed; the others have their turn in the next sweep."""
    end = monotonic() + STEP_SECONDS
    return takewhile(lambda _row: monotonic() < end, rows)
