"""When mentors can be booked: their hours, terms and busy cells, read for a window at once.

The number of queries is the same for one mentor and for a page of them, and each reads an index
range of the window, never history.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from accounts.models import MentorProfile
from meetings.domain.availability import Availability
from meetings.domain.grid import Interval
from meetings.domain.policy import DURATIONS, GAPS
from meetings.domain.slots import Schedule, Terms
from meetings.models.busy import BusyCell
from meetings.models.busy_times import BusyTime
from meetings.models.hours import DayOff, ExtraHours, WeeklyHours

# A slot that starts at the end of a window needs the cells of its duration and gap.
OVERHANG = timedelta(minutes=max(DURATIONS) + max(GAPS))
# As far as hours that cross midnight in any zone can reach into a window.
MARGIN = timedelta(days=4)


def terms_of(profile: MentorProfile) -> Terms:
    """The terms of the profile as plain values."""
    return Terms(
        durations=tuple(sorted(profile.durations)),
        notice=timedelta(minutes=profile.notice),
        gap=profile.gap,
        horizon=timedelta(days=profile.horizon),
        slot_step=profile.slot_step,
    )


def _by(rows: Iterable[Any], key: str) -> dict[Any, list[Any]]:
    ordered = sorted(rows, key=attrgetter(key))
    return {value: list(group) for value, group in groupby(ordered, attrgetter(key))}


def availabilities(
    profiles: Collection[MentorProfile], window: Interval
) -> dict[uuid.UUID, Availability]:
    """`{mentor: hours}` that decide about window; three queries however many mentors."""
    mentors = [profile.pk for profile in profiles]
    first, last = (window.start - MARGIN).date(), (window.end + MARGIN).date()
    weekly = _by(WeeklyHours.objects.filter(mentor__in=mentors), "mentor_id")
    off = _by(
        DayOff.objects.filter(mentor__in=mentors, last_day__gte=first, first_day__lte=last),
        "mentor_id",
    )
    extra = _by(
        ExtraHours.objects.filter(mentor__in=mentors, day__gte=first, day__lte=last),
        "mentor_id",
    )
    return {
        profile.pk: Availability(
            zone=profile.user.zone,
            weekly={
                weekday: [row.minutes for row in rows]
                for weekday, rows in _by(weekly.get(profile.pk, ()), "weekday").items()
            },
            off=[(row.first_day, row.last_day) for row in off.get(profile.pk, ())],
            extra={
                day: [row.minutes for row in rows]
                for day, rows in _by(extra.get(profile.pk, ()), "day").items()
            },
        )
        for profile in profiles
    }


def schedules(
    profiles: Collection[MentorProfile],
    window: Interval,
    *,
    learner_id: uuid.UUID | None = None,
    ignoring: uuid.UUID | None = None,
) -> tuple[dict[uuid.UUID, Schedule], frozenset[int]]:
    """`{mentor: schedule}` good for slots that start in window, and the learner's busy cells.

    ignoring: a meeting whose own cells count as free, since it is about to move. Five queries.
    """
    people = {profile.pk for profile in profiles} | ({learner_id} if learner_id else set())
    needed = Interval(window.start, window.end + OVERHANG)
    busy = BusyCell.objects.within(needed).except_of(ignoring).cells_by_person(people)
    for person, cells in BusyTime.objects.cells_by_person(people, needed).items():
        busy[person] |= cells
    found = {
        mentor: Schedule(each, terms, frozenset(busy[mentor]))
        for (mentor, each), terms in zip(
            availabilities(profiles, window).items(), map(terms_of, profiles), strict=True
        )
    }
    return found, frozenset(busy[learner_id]) if learner_id else frozenset()


def free_slots(
    profile: MentorProfile,
    window: Interval,
    duration: int,
    *,
    now: datetime,
    learner_id: uuid.UUID | None = None,
    ignoring: uuid.UUID | None = None,
) -> list[Interval]:
    """What can be booked with the mentor in window, soonest first; five queries.

    learner_id: whose own meetings rule slots out too; ignoring: a meeting that is about to move.
    """
    if duration not in profile.durations:
        return []
    found, others = schedules([profile], window, learner_id=learner_id, ignoring=ignoring)
    return found[profile.pk].slots(window, duration, now=now, others_busy=others)
