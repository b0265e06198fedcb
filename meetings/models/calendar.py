"""The calendar's side of a meeting: made to match, whatever happened."""

import logging
import uuid
from datetime import datetime, timedelta
from random import uniform
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meetings.models.busy_times import read_again
from meetings.models.home import CONNECTED, LOCAL, calendar_at, is_connected, mark_broken
from meetings.services.calendar import CalendarError, Event, Link, Provider

logger = logging.getLogger(__name__)

# Nobody else touches the event this long; a process that dies meanwhile is not waited for longer.
LEASE = timedelta(seconds=60)
# Each wait is a quarter of all that went before it: after ten minutes of trouble the next try is
# within four, and after a day it is one in an hour.
FIRST_RETRY = timedelta(seconds=30)
GROWTH = 1.25
MOST_GROWTH = 100
LONGEST_RETRY = timedelta(hours=1)
# For each call of the calendar, of which one try makes several.
WORKER_TIMEOUT = timedelta(seconds=10)
# How often in a row a meeting is tried that changes all the while; then others have their turn.
ROUNDS = 3


class CalendarQuerySet(models.QuerySet[Any]):
    def behind(self) -> Self:
        """Those whose event is not what it should be."""
        return self.filter(calendar_synced__lt=F("calendar_revision"))

    def due_for_calendar(self, now: datetime) -> Self:
        """Those behind whose next try has come and that nobody works on."""
        return self.filter(
            Q(calendar_lease__isnull=True) | Q(calendar_lease__lte=now), calendar_due_at__lte=now
        )


class CalendarEntry(models.Model):
    """What the calendar must see (calendar_revision) and has seen (calendar_synced)."""

    class RoomProvider(models.TextChoices):
        MENTOR_ROOM = Provider.MENTOR_ROOM.value, _("the mentor's own room")
        OPEN_ROOM = Provider.OPEN_ROOM.value, _("open video room")
        GOOGLE_MEET = Provider.GOOGLE_MEET.value, _("Google Meet")

    meeting_link = models.URLField(_("room"), max_length=500, blank=True, editable=False)
    link_provider = models.CharField(
        _("room by"), max_length=20, choices=RoomProvider.choices, blank=True, editable=False
    )
    meeting_id = models.CharField(_("calendar event"), max_length=1024, blank=True, editable=False)
    # Which calendar holds the event, as meetings.models.home names it; empty until it is chosen.
    calendar_home = models.CharField(
        _("calendar"), max_length=300, blank=True, default="", editable=False
    )
    calendar_revision = models.PositiveIntegerField(default=0, editable=False)
    calendar_synced = models.PositiveIntegerField(default=0, editable=False)
    # When to try next; empty when the calendar is up to date.
    calendar_due_at = models.DateTimeField(
        _("next calendar try"), null=True, editable=False, db_index=True
    )
    calendar_lease = models.DateTimeField(null=True, editable=False)
    calendar_tries = models.PositiveIntegerField(_("calendar tries"), default=0, editable=False)
    calendar_error = models.CharField(
        _("calendar trouble"), max_length=300, blank=True, editable=False
    )

    if TYPE_CHECKING:
        pk: uuid.UUID

    class Meta:
        abstract = True

    def choose_home(self) -> str:
        """Where a new event is to live."""
        raise NotImplementedError

    def calendar_event(self) -> Event | None:
        """The event that the calendar should show; None when there should be none."""
        raise NotImplementedError

    def calendar_people(self) -> list[uuid.UUID]:
        """In whose own calendars the event is to be seen."""
        raise NotImplementedError

    @property
    def calendar_uid(self) -> str:
        """The event's id in any calendar: the meeting's own."""
        return uuid.UUID(str(self.pk)).hex

    @property
    def is_calendar_behind(self) -> bool:
        return self.calendar_synced < self.calendar_revision

    def match_calendar(self, *, timeout: timedelta | None = None) -> bool:
        """Make the event match the meeting as it is now; whether it does in the end.

        Only one process works on a meeting at a time. What cannot be done now is due again
        later; nothing is raised but by a bug.
        """
        rows = type(self)._default_manager.filter(pk=self.pk)
        for _round in range(ROUNDS):
            lease = self._claim(rows)
            if lease is None:
                break
            self.refresh_from_db()
            # Nobody else marks what this process did, nor this one what it has been too slow for.
            mine = rows.filter(calendar_lease=lease)
            seen = mine.filter(calendar_revision=self.calendar_revision)
            try:
                link = self._put_or_delete(timeout or WORKER_TIMEOUT)
            except CalendarError as error:
                is_marked = self._mark_failed(seen, error, began=lease - LEASE)
            else:
                is_marked = self._mark_done(seen, link)
                if self.calendar_home != LOCAL:
                    read_again(self.calendar_people())
            if is_marked:
                break
            # The meeting has changed meanwhile, so that what was done may be wrong by now.
            mine.update(calendar_lease=None, calendar_due_at=timezone.now())
        self.refresh_from_db()
        return not self.is_calendar_behind

    def _claim(self, rows: models.QuerySet[Any]) -> datetime | None:
        """Be the only one to work on it until then, and settle where the event lives before it is
        made; None if there is nothing to do, or somebody does it.

        If this process dies over it, it is due again when the lease ends, behind what waits then.
        """
        self.refresh_from_db()
        now = timezone.now()
        free = Q(calendar_lease__isnull=True) | Q(calendar_lease__lte=now)
        home = self.calendar_home or self.choose_home()
        claimed = rows.filter(
            free,
            calendar_synced__lt=F("calendar_revision"),
            calendar_home=self.calendar_home,
        ).update(calendar_lease=now + LEASE, calendar_due_at=now + LEASE, calendar_home=home)
        return now + LEASE if claimed else None

    def _put_or_delete(self, timeout: timedelta) -> Link | None:
        event = self.calendar_event()
        backend = calendar_at(self.calendar_home)
        if event is None:
            backend.delete(self.calendar_uid, timeout=timeout)
            return None
        return backend.put(event, timeout=timeout)

    def _mark_done(self, seen: models.QuerySet[Any], link: Link | None) -> bool:
        """Store what the calendar gave; False if the meeting has changed meanwhile.

        While the room is still being made the meeting stays behind, to be looked at again, soon
        at first.
        """
        wait = link.ask_again if link else None
        return bool(
            seen.update(
                **self._link_fields(link),
                calendar_synced=self.calendar_revision - 1 if wait else self.calendar_revision,
                calendar_due_at=timezone.now() + self._backoff(wait) if wait else None,
                calendar_lease=None,
                calendar_tries=F("calendar_tries") + 1 if wait else 0,
                calendar_error="",
            )
        )

    @staticmethod
    def _link_fields(link: Link | None) -> dict[str, str]:
        """What to store; a cancelled meeting keeps no room, since nobody is to meet there."""
        if link is None:
            return {"meeting_link": "", "link_provider": ""}
        return {
            "meeting_link": link.url,
            "link_provider": link.provider.value,
            "meeting_id": link.event_id,
        }

    def _mark_failed(
        self, seen: models.QuerySet[Any], error: CalendarError, *, began: datetime
    ) -> bool:
        """Try again later; not before somebody has done something about it where that is needed.

        False, and nothing is put off, if the meeting has changed meanwhile: that may help.
        """
        logger.warning("calendar of meeting %s not matched: %s", self.pk, error)
        needs_owner = error.is_revoked and self.calendar_home.startswith(CONNECTED)
        if needs_owner:
            mark_broken(self.calendar_home, before=began)
        wait = (error.retry_after or self._backoff(FIRST_RETRY)) * uniform(1, 1.25)  # noqa: S311  jitter, not a secret
        is_parked = error.is_permanent or needs_owner
        marked = seen.update(
            calendar_due_at=None if is_parked else timezone.now() + wait,
            calendar_lease=None,
            calendar_tries=F("calendar_tries") + 1,
            calendar_error=str(error)[:300],
        )
        if marked and needs_owner and is_connected(self.calendar_home):
            # The owner has renewed it meanwhile, and what waits was called before this one waited.
            type(self)._default_manager.filter(
                pk=self.pk, calendar_due_at=None, calendar_synced__lt=F("calendar_revision")
            ).update(calendar_due_at=timezone.now())
        return bool(marked)

    def _backoff(self, first: timedelta) -> timedelta:
        """How long to wait after so many tries, first after the first one."""
        return min(first * GROWTH ** min(self.calendar_tries, MOST_GROWTH), LONGEST_RETRY)


def wait_allowed() -> timedelta:
    """How long a page may wait for the calendar after a commit; zero leaves it to the worker."""
    wait: timedelta = settings.CALENDAR_WAIT
    return wait
