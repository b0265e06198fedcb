"""Whether a time can be booked, and if not, why and what is free instead."""

import uuid
from datetime import datetime, timedelta

from accounts.models import MentorProfile, User
from meetings.domain.errors import (
    BeyondHorizon,
    DurationNotOffered,
    NotOffered,
    OffGrid,
    OwnTimeTaken,
    SlotTaken,
    TooSoon,
)
from meetings.domain.grid import CELL, Interval, cells_of, is_on_grid
from meetings.domain.slots import nearest
from meetings.models.schedule import free_slots, schedules, terms_of

# How far around a wanted time others are suggested.
AROUND = timedelta(days=4)


def check_offered(
    profile: MentorProfile,
    learner: User,
    start: datetime,
    duration: int,
    *,
    now: datetime,
    moving: uuid.UUID | None = None,
) -> None:
    """Pass if the slot is one that the pages would offer; moving: a meeting that gives way.

    Raises OffGrid, DurationNotOffered, TooSoon, BeyondHorizon, or what explain_taken() finds.
    """
    if not is_on_grid(start):
        raise OffGrid
    if duration not in profile.durations:
        raise DurationNotOffered
    just_then = Interval(start, start + CELL)
    if not free_slots(
        profile, just_then, duration, now=now, learner_id=learner.pk, ignoring=moving
    ):
        raise explain_taken(profile, learner, start, duration, now=now, moving=moving)


def explain_taken(
    profile: MentorProfile,
    learner: User,
    start: datetime,
    duration: int,
    *,
    now: datetime,
    moving: uuid.UUID | None = None,
) -> SlotTaken:
    """Why the time cannot be had, as an error to raise, with the nearest free starts."""
    around = Interval(start - AROUND, start + AROUND)
    free = free_slots(profile, around, duration, now=now, learner_id=learner.pk, ignoring=moving)
    instead = nearest(free, start)
    earliest, latest = terms_of(profile).bookable(now)
    if start < earliest:
        return TooSoon(instead)
    if start > latest:
        return BeyondHorizon(instead)
    wanted = Interval(start, start + timedelta(minutes=duration))
    found, own = schedules([profile], wanted, learner_id=learner.pk, ignoring=moving)
    if own.intersection(cells_of(wanted)):
        return OwnTimeTaken(instead)
    schedule = found[profile.pk]
    is_open = type(schedule)(schedule.availability, schedule.terms).soonest(
        Interval(start, start + CELL), duration, now=now
    )
    return SlotTaken(instead) if is_open else NotOffered(instead)
