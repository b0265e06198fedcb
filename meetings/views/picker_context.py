"""The context of a picker: who picks a time, for what, and on which clock."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from meetings.calendars.stale_calendars import StaleCalendar, stale_calendars
from meetings.domain.availability import day_start
from meetings.domain.grid import Interval
from meetings.domain.slots import by_day
from meetings.models import Meeting, SessionType
from meetings.scheduling.free_slots import free_slots
from meetings.views.picker_query import month_after, month_of

USUAL_DURATION = 60


@dataclass(frozen=True)
class PickerContext:
    """Who picks a slot of session_type, which comes with its mentor, at now. Times are shown in
    viewer's zone or in requested_zone, and also in the zone of other, whom they meet, if it
    differs. path: the page's URL. moving: the meeting to reschedule; None for a new one."""

    session_type: SessionType
    learner_id: uuid.UUID
    viewer: User
    other: User
    path: str
    now: datetime
    moving: Meeting | None = None
    requested_zone: ZoneInfo | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times are shown."""
        return self.requested_zone or self.viewer.zone

    @property
    def months(self) -> tuple[date, date]:
        """The first and the last month in which something may be bookable, as their first days."""
        earliest, latest = self.session_type.slot_rules.bookable(self.now)
        first = earliest.astimezone(self.zone).date()
        last = latest.astimezone(self.zone).date()
        return month_of(first), month_of(max(first, last))

    @property
    def stale_calendars(self) -> list[StaleCalendar]:
        """Which of the two people's calendars have not been read lately."""
        return stale_calendars([self.other, self.viewer], now=self.now)

    def duration(self, asked: int | None) -> int:
        """The length to show slots for."""
        if self.moving is not None:
            return self.moving.duration
        offered = self.session_type.durations
        if asked is not None and asked in offered:
            return asked
        return USUAL_DURATION if USUAL_DURATION in offered else min(offered)

    def free(self, first: date, last: date, duration: int) -> dict[date, list[Interval]]:
        """`{day: [slot]}` of the months from first to last, in the zone shown; no empty days."""
        zone = self.zone
        found = free_slots(
            self.session_type,
            Interval(day_start(first, zone), day_start(month_after(last), zone)),
            learner_id=self.learner_id,
            moving=self.moving,
        )
        return by_day(found.all(duration, now=self.now), zone)
