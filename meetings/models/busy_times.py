"""When connected people are busy elsewhere: plain intervals, and when they were read."""

import logging
import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import CalendarConnection
from meetings.domain.grid import Interval, cells_of, instant_of
from meetings.domain.policy import HORIZON_LIMIT
from meetings.models.attempt import attempt
from meetings.models.busy import BusyCell
from meetings.models.home import calendar_at, home_of, mark_broken
from meetings.services.calendar import CalendarError

logger = logging.getLogger(__name__)

# Read again this often by the worker.
REFRESH = timedelta(minutes=10)
# Fresh enough to book upon without asking once more.
FRESH = timedelta(minutes=1)
BATCH = 50
# How long a reading may take that a page has begun, whether or not the page still waits.
READING = timedelta(seconds=5)
# As far as any mentor may be booked, since everybody can be a learner.
AHEAD = timedelta(days=HORIZON_LIMIT + 1)


class BusyTimeQuerySet(models.QuerySet["BusyTime"]):
    def within(self, window: Interval) -> "BusyTimeQuerySet":
        """Those that share time with window."""
        return self.filter(starts_at__lt=window.end, ends_at__gt=window.start)

    def cells_by_person(
        self, people: Collection[uuid.UUID], window: Interval
    ) -> dict[uuid.UUID, set[int]]:
        """`{person: {cell number}}` of what lies in window, in one query."""
        cells: dict[uuid.UUID, set[int]] = {person: set() for person in people}
        rows = self.within(window).filter(person__in=people)
        for person, start, end in rows.values_list("person_id", "starts_at", "ends_at"):
            span = Interval(max(start, window.start), min(end, window.end))
            cells[person].update(cells_of(span))
        return cells


class BusyTime(models.Model):
    """Time that a person's own calendar calls busy. No title, no details, nothing but the time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="busy_times"
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))

    objects = BusyTimeQuerySet.as_manager()

    if TYPE_CHECKING:
        person_id: uuid.UUID

    class Meta:
        verbose_name = _("busy time elsewhere")
        verbose_name_plural = _("busy times elsewhere")
        ordering = ("starts_at",)
        indexes = (models.Index(fields=["person", "ends_at"], name="busy_time_person_ends"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="busy_time_ends_after_it_starts"
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} UTC"


def without(busy: Iterable[Interval], ours: Iterable[Interval]) -> list[Interval]:
    """What is busy besides our own meetings, whose events the calendar counts too."""
    left = list(busy)
    for own in ours:
        left = [piece for each in left for piece in _cut(each, own)]
    return left


def _cut(span: Interval, out: Interval) -> list[Interval]:
    if not span.overlaps(out):
        return [span]
    pieces = []
    if span.start < out.start:
        pieces.append(Interval(span.start, out.start))
    if out.end < span.end:
        pieces.append(Interval(out.end, span.end))
    return pieces


def read_busy_times(connection: CalendarConnection, *, now: datetime, timeout: timedelta) -> bool:
    """Ask the calendar anew for the time that can be booked; whether it answered.

    What was known stays when it does not answer: a failure is never taken for free.
    """
    CalendarConnection.objects.filter(pk=connection.pk).update(busy_tried_at=now)
    window = Interval(now, now + AHEAD)
    home = home_of(connection)
    ours = _own_meetings(connection.pk, window)
    try:
        found = calendar_at(home).busy(window, timeout=timeout)
    except CalendarError as error:
        if error.is_revoked:
            mark_broken(home, before=now)
        logger.warning("busy times of %s not read: %s", connection.pk, error)
        return False
    with transaction.atomic():
        # Nothing may be stored for an account that the person has exchanged meanwhile, nor over
        # what was asked for later.
        older = Q(busy_read_at__isnull=True) | Q(busy_read_at__lte=now)
        rows = CalendarConnection.objects.filter(
            older, pk=connection.pk, google_id=connection.google_id
        )
        if rows.update(busy_read_at=now):
            # A meeting may have come or moved while Google looked: neither of its times is busy.
            ours += _own_meetings(connection.pk, window)
            BusyTime.objects.filter(person=connection.pk).delete()
            BusyTime.objects.bulk_create(
                BusyTime(person_id=connection.pk, starts_at=each.start, ends_at=each.end)
                for each in without(found, ours)
            )
    return True


def read_again(people: Collection[uuid.UUID]) -> None:
    """Their calendars have changed with a meeting of theirs, so the worker is to ask anew."""
    CalendarConnection.objects.working().filter(pk__in=people).update(busy_tried_at=None)


def _own_meetings(person: uuid.UUID, window: Interval) -> list[Interval]:
    cells = BusyCell.objects.within(window).cells_by_person([person])[person]
    return [Interval(instant_of(cell), instant_of(cell + 1)) for cell in sorted(cells)]


def freshen(people: Collection[uuid.UUID], *, now: datetime, wait: timedelta) -> timedelta:
    """Ask the calendars of these people once more before a booking, and wait that long at most;
    how long it took."""
    old = Q(busy_read_at__isnull=True) | Q(busy_read_at__lt=now - FRESH)
    connections = list(CalendarConnection.objects.working().filter(old, pk__in=people))
    began = perf_counter()
    if connections and wait:
        attempt(lambda: refresh(connections, now=now, timeout=READING), wait=wait)
    return timedelta(seconds=perf_counter() - began)


def refresh(connections: Iterable[CalendarConnection], *, now: datetime, timeout: timedelta) -> int:
    """Read the busy times of each; returns how many answered."""
    return sum(read_busy_times(each, now=now, timeout=timeout) for each in connections)
