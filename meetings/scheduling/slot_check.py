"""Whether a time can be booked, and if not, why and what is free instead."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from meetings.domain.errors import (
    BeyondHorizon,
    DayFull,
    DurationNotOffered,
    NotOffered,
    OffGrid,
    OwnTimeTaken,
    SlotTaken,
    TooSoon,
)
from meetings.domain.grid import CELL, Interval, cells_of, is_on_grid
from meetings.domain.slots import Schedule, nearest
from meetings.models import BusyCell, Meeting, SessionType
from meetings.scheduling.free_slots import AFTER, BEFORE, FreeSlots, free_slots, full_days

# Alternatives are suggested within this distance of the wanted time.
AROUND = timedelta(days=4)


@dataclass(frozen=True)
class SlotCheck:
    """A wanted time, and the data that was read to check it. learner_id: who wants it."""

    session_type: SessionType
    learner_id: uuid.UUID
    start: datetime
    duration: int
    now: datetime
    free: FreeSlots
    moving: Meeting | None

    @property
    def wanted(self) -> Interval:
        return Interval(self.start, self.start + timedelta(minutes=self.duration))

    def refusal(self) -> SlotTaken | None:
        """Why the time cannot be booked, with the nearest free starts; None if it can."""
        just_then = Interval(self.start, self.start + CELL)
        if replace(self.free, window=just_then).all(self.duration, now=self.now):
            return None
        return self._reason()(self._nearest())

    def refused_meanwhile(self) -> SlotTaken:
        """Why it could not be stored although it was free at the check: somebody has taken it
        since. One query: only the busy cells can have changed."""
        window, schedule = self.free.window, self.free.schedule
        mentor_id = self.session_type.mentor_id
        taken = BusyCell.objects.within(Interval(window.start - BEFORE, window.end + AFTER))
        taken = taken.except_of(self.moving.pk if self.moving else None)
        cells = taken.cells_by_person([mentor_id, self.learner_id])
        free = replace(
            self.free,
            schedule=replace(schedule, busy=schedule.busy | cells[mentor_id]),
            others_busy=self.free.others_busy | cells[self.learner_id],
        )
        again = replace(self, free=free)
        # The conflicting meeting may be gone again, but this booking has failed all the same.
        return again.refusal() or SlotTaken(again._nearest())

    def filled_meanwhile(self) -> DayFull | None:
        """The error if the mentor's day has reached its limit by now, else None. Call it while the
        mentor is locked. No query without a limit."""
        full = full_days([self.session_type], self.wanted, moving=self.moving)
        days = full[self.session_type.mentor_id]
        if self.start.astimezone(self.session_type.mentor.zone).date() not in days:
            return None
        schedule = self.free.schedule
        free = replace(self.free, schedule=replace(schedule, full_days=schedule.full_days | days))
        return DayFull(replace(self, free=free)._nearest())

    def _nearest(self) -> list[datetime]:
        return nearest(self.free.all(self.duration, now=self.now), self.start)

    def _reason(self) -> type[SlotTaken]:
        schedule = self.free.schedule
        earliest, latest = schedule.rules.bookable(self.now)
        if self.start < earliest:
            return TooSoon
        if self.start > latest:
            return BeyondHorizon
        if self.free.others_busy.intersection(cells_of(self.wanted)):
            return OwnTimeTaken
        just_then = Interval(self.start, self.start + CELL)
        is_open = Schedule(schedule.availability, schedule.rules).soonest(
            just_then, self.duration, now=self.now
        )
        if not is_open:
            return NotOffered
        is_full = self.start.astimezone(schedule.availability.zone).date() in schedule.full_days
        return DayFull if is_full else SlotTaken


def check_bookable(
    session_type: SessionType,
    learner_id: uuid.UUID,
    start: datetime,
    duration: int,
    *,
    now: datetime,
    moving: Meeting | None = None,
) -> SlotCheck:
    """Return a check if the pages would offer the slot. moving: the meeting to reschedule.

    Raises OffGrid, DurationNotOffered, TooSoon, BeyondHorizon, NotOffered, DayFull, OwnTimeTaken
    or SlotTaken. Everything is read once, by the queries of schedules().
    """
    if not is_on_grid(start):
        raise OffGrid
    if duration not in session_type.durations:
        raise DurationNotOffered
    around = Interval(start - AROUND, start + AROUND)
    free = free_slots(session_type, around, learner_id=learner_id, moving=moving)
    check = SlotCheck(session_type, learner_id, start, duration, now, free, moving)
    if (refusal := check.refusal()) is not None:
        raise refusal
    return check
