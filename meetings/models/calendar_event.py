import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.integrations.calendar import (
    PLATFORM_ACCOUNT,
    CalendarProvider,
    RoomProvider,
    calendar_backend,
)
from meetings.models.claims import Due, DueQuerySet

ROOM_CHOICES = [
    (RoomProvider.MENTOR_ROOM.value, _("the mentor's own room")),
    (RoomProvider.OPEN_ROOM.value, _("open video room")),
    (RoomProvider.GOOGLE_MEET.value, _("Google Meet")),
]


@dataclass(frozen=True)
class CalendarHome:
    """Which calendar an event is in. account: the provider's id of it, or PLATFORM_ACCOUNT; empty
    if the provider has only one."""

    provider: CalendarProvider
    account: str = ""

    def __str__(self) -> str:
        if self.is_connected:
            return f"{self.provider}:{self.account}"
        return self.account or str(self.provider)

    @property
    def is_local(self) -> bool:
        """Whether its events are in no hosted calendar, so that people get an .ics file from us."""
        return self.provider == CalendarProvider.LOCAL

    @property
    def keeps_nothing(self) -> bool:
        """Whether an event there always matches its meeting, without any request."""
        return self.is_local and calendar_backend().keeps_nothing

    @property
    def is_connected(self) -> bool:
        """Whether it is a person's own calendar."""
        return not self.is_local and self.account != PLATFORM_ACCOUNT


class CalendarEventQuerySet(DueQuerySet):
    def behind(self) -> Self:
        """Those that do not match their meeting yet."""
        return self.filter(synced__lt=F("sequence"))

    def at(self, home: CalendarHome) -> Self:
        """Those in that calendar."""
        return self.filter(provider=home.provider, account=home.account)

    def outside(self) -> Self:
        """Those in a calendar that an outside provider hosts."""
        return self.exclude(provider__in=("", CalendarProvider.LOCAL))

    def with_meeting(self) -> Self:
        """With the meeting, its people, and the mentor's profile."""
        return self.select_related("meeting__mentor__mentor_profile", "meeting__learner")


class CalendarEvent(Due):
    """The event of a meeting: the version that its calendar must show, and the one it shows.

    It stays in one calendar. If connections change later, it is still looked for where it was
    created, and never created a second time elsewhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.OneToOneField(
        "meetings.Meeting", on_delete=models.CASCADE, related_name="calendar_event"
    )
    # Which calendar holds it (CalendarHome); empty until that is chosen.
    provider = models.CharField(_("calendar"), max_length=20, blank=True, default="")
    account = models.CharField(_("account"), max_length=300, blank=True, default="")
    # The calendar's id of the event, once it exists.
    external_id = models.CharField(_("event"), max_length=1024, blank=True, default="")
    # The version of the meeting that the calendar must show, and the one that it shows.
    sequence = models.PositiveIntegerField(default=0, editable=False)
    synced = models.PositiveIntegerField(default=0, editable=False)

    objects = CalendarEventQuerySet.as_manager()

    if TYPE_CHECKING:
        meeting_id: uuid.UUID

    class Meta:
        verbose_name = _("calendar event")
        verbose_name_plural = _("calendar events")
        indexes = (
            models.Index(fields=["due_at"], name="calendar_event_due"),
            models.Index(fields=["provider", "account"], name="calendar_event_home"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(synced__lte=F("sequence")), name="calendar_event_not_ahead"
            ),
        )

    def __str__(self) -> str:
        return str(self.meeting_id)

    @property
    def home(self) -> CalendarHome | None:
        """The calendar that holds it; None while none is chosen."""
        return (
            CalendarHome(CalendarProvider(self.provider), self.account) if self.provider else None
        )

    @home.setter
    def home(self, home: CalendarHome) -> None:
        self.provider, self.account = home.provider, home.account

    @property
    def is_behind(self) -> bool:
        return self.synced < self.sequence

    @property
    def follows_by_itself(self) -> bool:
        """Whether it matches after each change of the meeting without any request."""
        return not self.is_behind and self.home is not None and self.home.keeps_nothing

    def follow_change(self, now: datetime) -> None:
        """Count a new version of the meeting; call it in the transaction of the change."""
        row, following = CalendarEvent.objects.filter(pk=self.pk), F("sequence") + 1
        if self.follows_by_itself:
            row.update(sequence=following, synced=following)
            self.synced += 1
        else:
            row.update(sequence=following, due_at=now)
            self.due_at = now
        self.sequence += 1

    @property
    def version(self) -> int:
        """The number of changes, from 0 on: the SEQUENCE of iCalendar (RFC 5545, 3.8.7.4)."""
        return max(self.sequence - 1, 0)
