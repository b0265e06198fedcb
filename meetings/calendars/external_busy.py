"""Reading busy times from the calendars that people have connected."""

import logging
import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from time import perf_counter

from django.db import transaction
from django.db.models import Q

from accounts.models import CalendarConnection, User
from meetings.calendars.homes import calendar_at, connection_of, home_of, mark_broken
from meetings.domain.grid import Interval, instant_of, without
from meetings.domain.policy import HORIZON_LIMIT
from meetings.integrations.background import run_bounded
from meetings.integrations.calendar import CalendarError
from meetings.models import BusyCell, ExternalBusy

logger = logging.getLogger(__name__)

# The worker reads each calendar this often.
REFRESH = timedelta(minutes=10)
# A booking reads a calendar again unless it was read within this time.
FRESH = timedelta(minutes=1)
BATCH = 50
# The timeout of a read that a page has started, even if the page stops waiting earlier.
READING = timedelta(seconds=5)
# The longest horizon of any mentor, since everybody can book as a learner.
AHEAD = timedelta(days=HORIZON_LIMIT + 1)


def read_busy_times(connection: CalendarConnection, *, now: datetime, timeout: timedelta) -> bool:
    """Read the busy times of the bookable time again; returns whether the calendar answered.

    If it does not answer, the stored busy times stay: a failure never makes time free.
    """
    CalendarConnection.objects.filter(pk=connection.pk).update(busy_tried_at=now)
    window = Interval(now, now + AHEAD)
    home = home_of(connection)
    ours = _own_meetings(connection.pk, window)
    try:
        found = calendar_at(home).busy(window, timeout=timeout)
    except CalendarError as error:
        if error.is_revoked and mark_broken(home, before=now):
            # The caller's object too, so that a booking creates its room elsewhere.
            connection.broken_at = now
        logger.warning("busy times of %s not read: %s", connection.pk, error)
        return False
    with transaction.atomic():
        # Nothing is stored if the person has connected another account meanwhile, or if a later
        # read has already been stored.
        older = Q(busy_read_at__isnull=True) | Q(busy_read_at__lte=now)
        rows = CalendarConnection.objects.filter(
            older, pk=connection.pk, google_id=connection.google_id
        )
        if rows.update(busy_read_at=now):
            # A meeting may have been booked or moved during the request: leave out both its times.
            ours += _own_meetings(connection.pk, window)
            ExternalBusy.objects.filter(person=connection.pk).delete()
            ExternalBusy.objects.bulk_create(
                ExternalBusy(person_id=connection.pk, starts_at=each.start, ends_at=each.end)
                for each in without(found, ours)
            )
    return True


def read_again(people: Collection[uuid.UUID]) -> None:
    """Let the worker read these people's calendars again, which change with their meetings."""
    CalendarConnection.objects.working().filter(pk__in=people).update(busy_tried_at=None)


def _own_meetings(person: uuid.UUID, window: Interval) -> list[Interval]:
    cells = BusyCell.objects.within(window).cells_by_person([person])[person]
    return [Interval(instant_of(cell), instant_of(cell + 1)) for cell in sorted(cells)]


def freshen(people: Sequence[User], *, now: datetime, wait: timedelta) -> timedelta:
    """Read these people's calendars again before a booking, and wait that long at most; returns
    the time it took. Fetch the people with their calendar_connection, to save queries."""
    found = [each for person in people if (each := connection_of(person)) and each.is_working]
    connections = [
        each for each in found if each.busy_read_at is None or each.busy_read_at < now - FRESH
    ]
    began = perf_counter()
    if connections and wait:
        run_bounded(lambda: refresh(connections, now=now, timeout=READING), wait=wait)
    return timedelta(seconds=perf_counter() - began)


def refresh(connections: Iterable[CalendarConnection], *, now: datetime, timeout: timedelta) -> int:
    """Read the busy times of each; returns how many answered."""
    return sum(read_busy_times(each, now=now, timeout=timeout) for each in connections)
