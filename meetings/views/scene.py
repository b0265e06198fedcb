"""Who picks a time, and of which times."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accounts.models import MentorProfile, User
from meetings.domain.availability import day_start
from meetings.domain.grid import Interval
from meetings.domain.slots import by_day
from meetings.models import Meeting
from meetings.models.schedule import free_slots, terms_of
from meetings.models.unchecked import Unchecked, unchecked
from meetings.views.asked import month_after, month_of

USUAL_DURATION = 60


@dataclass(frozen=True)
class Scene:
    """Who picks from whose times at now. viewer sees their own clock, or that of the zone they
    asked for, and beside it that of other, whom they meet, where it differs. path: the page's
    address. moving: the meeting that a new time is looked for, if it is not a new one."""

    profile: MentorProfile
    learner_id: uuid.UUID
    viewer: User
    other: User
    path: str
    now: datetime
    moving: Meeting | None = None
    asked_zone: ZoneInfo | None = None

    @property
    def zone(self) -> ZoneInfo:
        """That of the clock that is shown."""
        return self.asked_zone or self.viewer.zone

    @property
    def months(self) -> tuple[date, date]:
        """The first and the last month in which something may be bookable, as their first days."""
        earliest, latest = terms_of(self.profile).bookable(self.now)
        first = earliest.astimezone(self.zone).date()
        last = latest.astimezone(self.zone).date()
        return month_of(first), month_of(max(first, last))

    @property
    def unchecked(self) -> list[Unchecked]:
        """Of the two, whose calendar has not been asked lately."""
        return unchecked([self.other, self.viewer], now=self.now)

    def duration(self, asked: int | None) -> int:
        """The length to show slots for."""
        if self.moving is not None:
            return self.moving.duration
        offered = self.profile.durations
        if asked is not None and asked in offered:
            return asked
        return USUAL_DURATION if USUAL_DURATION in offered else min(offered)

    def free(self, first: date, last: date, duration: int) -> dict[date, list[Interval]]:
        """`{day: [slot]}` of the months from first to last, in the zone shown; no empty days."""
        zone = self.zone
        slots = free_slots(
            self.profile,
            Interval(day_start(first, zone), day_start(month_after(last), zone)),
            duration,
            now=self.now,
            learner_id=self.learner_id,
            ignoring=self.moving.pk if self.moving else None,
        )
        return by_day(slots, zone)
