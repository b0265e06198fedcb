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

from meetings.models.home import CONNECTED, calendar_at, mark_broken
from meetings.services.calendar import (
    CalendarError,
    Event,
    Link,
    Provider,
)

logger = logging.getLogger(__name__)

# Nobody else touches the event this long; a process that dies meanwhile is not waited for longer.
LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
WORKER_TIMEOUT = timedelta(seconds=30)


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
        if not self._claim(rows):
            self.refresh_from_db()
            return not self.is_calendar_behind
        timeout = WORKER_TIMEOUT if timeout is None else timeout
        while True:
            self.refresh_from_db()
            seen = self.calendar_revision
            try:
                link = self._put_or_delete(timeout)
            except CalendarError as error:
                if self._mark_failed(rows, error, seen):
                    return False
                continue
            if self._mark_done(rows, link, seen):
                self.refresh_from_db()
                return not self.is_calendar_behind

    def _claim(self, rows: models.QuerySet[Any]) -> bool:
        """Be the only one to work on it, and settle where the event lives before it is made.

        If this process dies over it, it is due again when the lease ends, behind what waits then.
        """
        self.refresh_from_db()
        now = timezone.now()
        free = Q(calendar_lease__isnull=True) | Q(calendar_lease__lte=now)
        home = self.calendar_home or self.choose_home()
        return bool(
            rows.filter(
                free,
                calendar_synced__lt=F("calendar_revision"),
                calendar_home=self.calendar_home,
            ).update(calendar_lease=now + LEASE, calendar_due_at=now + LEASE, calendar_home=home)
        )

    def _put_or_delete(self, timeout: timedelta) -> Link | None:
        event = self.calendar_event()
        backend = calendar_at(self.calendar_home)
        if event is None:
            backend.delete(self.calendar_uid, timeout=timeout)
            return None
        return backend.put(event, timeout=timeout)

    def _mark_done(self, rows: models.QuerySet[Any], link: Link | None, seen: int) -> bool:
        """Store what the calendar gave; False if the meeting has changed meanwhile.

        While the room is still being made the meeting stays behind, to be looked at again.
        """
        wait = link.ask_again if link else None
        return bool(
            rows.filter(calendar_revision=seen).update(
                **self._link_fields(link),
                calendar_synced=seen - 1 if wait else seen,
                calendar_due_at=timezone.now() + wait if wait else None,
                calendar_lease=None,
                calendar_tries=0,
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

    def _mark_failed(self, rows: models.QuerySet[Any], error: CalendarError, seen: int) -> bool:
        """Try again later; not before somebody has done something about it where that is needed.

        False, and nothing is put off, if the meeting has changed meanwhile: that may help.
        """
        doublings = min(self.calendar_tries, 10)
        wait = error.retry_after or min(FIRST_RETRY * 2**doublings, LONGEST_RETRY)
        due = timezone.now() + wait * uniform(1, 1.25)  # noqa: S311  jitter, not a secret
        is_parked = error.is_permanent
        if error.is_revoked and self.calendar_home.startswith(CONNECTED):
            mark_broken(self.calendar_home)
            is_parked = True
        marked = rows.filter(calendar_revision=seen).update(
            calendar_due_at=None if is_parked else due,
            calendar_lease=None,
            calendar_tries=F("calendar_tries") + 1,
            calendar_error=str(error)[:300],
        )
        logger.warning("calendar of meeting %s not matched: %s", self.pk, error)
        self.refresh_from_db()
        return bool(marked)


def wait_allowed() -> timedelta:
    """How long a page may wait for the calendar after a commit; zero leaves it to the worker."""
    wait: timedelta = settings.CALENDAR_WAIT
    return wait
