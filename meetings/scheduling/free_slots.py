"""The free slots of mentors in a window, from their hours, rules and busy cells.

The number of queries is the same for one mentor and for a page of them, and each reads only an
index range of the window, never the whole history.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from meetings.domain.availability import Availability
from meetings.domain.grid import Interval
from meetings.domain.policy import DURATIONS, GAPS, Status
from meetings.domain.slots import Schedule
from meetings.models import (
    BusyCell,
    DayOff,
    ExternalBusy,
    ExtraHours,
    Meeting,
    SessionType,
    WeeklyHours,
)

# A slot at the edge of a window needs the cells of its duration and gaps.
BEFORE = timedelta(minutes=max(GAPS))
AFTER = timedelta(minutes=max(DURATIONS) + max(GAPS))
# Hours further from a window than this cannot reach into it, in any zone and across midnight.
MARGIN = timedelta(days=4)


@dataclass(frozen=True)
class FreeSlots:
    """When one type of session can be booked in window, for a learner if one is given.

    others_busy: the numbers of the learner's taken cells.
    """

    window: Interval
    schedule: Schedule
    others_busy: frozenset[int] = frozenset()

    def all(self, duration: int, *, now: datetime) -> list[Interval]:
        """The free slots that start in the window, soonest first."""
        if duration not in self.schedule.rules.durations:
            return []
        return self.schedule.slots(self.window, duration, now=now, others_busy=self.others_busy)


def availabilities(
    zones: dict[uuid.UUID, ZoneInfo], window: Interval
) -> dict[uuid.UUID, Availability]:
    """`{mentor: availability}` in window. zones: `{mentor: zone}`. Three queries for any number of
    mentors."""
    first, last = (window.start - MARGIN).date(), (window.end + MARGIN).date()
    hours = WeeklyHours.objects.filter(mentor__in=zones).order_by("weekday", "starts")
    weekly = _by(hours, "mentor_id")
    off = _by(
        DayOff.objects.filter(mentor__in=zones, last_day__gte=first, first_day__lte=last),
        "mentor_id",
    )
    extra = _by(
        ExtraHours.objects.filter(mentor__in=zones, day__gte=first, day__lte=last).order_by(
            "day", "starts"
        ),
        "mentor_id",
    )
    return {
        mentor: Availability(
            zone=zone,
            weekly={
                weekday: [row.minutes for row in rows]
                for weekday, rows in _by(weekly.get(mentor, ()), "weekday").items()
            },
            off=[(row.first_day, row.last_day) for row in off.get(mentor, ())],
            extra={
                day: [row.minutes for row in rows]
                for day, rows in _by(extra.get(mentor, ()), "day").items()
            },
        )
        for mentor, zone in zones.items()
    }


def schedules(
    types: Collection[SessionType],
    window: Interval,
    *,
    learner_id: uuid.UUID | None = None,
    moving: Meeting | None = None,
) -> tuple[dict[uuid.UUID, Schedule], frozenset[int]]:
    """`{mentor: schedule}` for slots that start in window, and the learner's busy cells.

    types: one per mentor, with the mentors' rules. moving: the meeting to reschedule; its own cells
    count as free, and it keeps its gaps. Five queries, and one more if a mentor has a daily limit.
    """
    people = {each.mentor_id for each in types} | ({learner_id} if learner_id else set())
    needed = Interval(window.start - BEFORE, window.end + AFTER)
    busy = BusyCell.objects.within(needed).except_of(moving.pk if moving else None)
    cells = busy.cells_by_person(people)
    for person, external in ExternalBusy.objects.cells_by_person(people, needed).items():
        cells[person] |= external
    full = full_days(types, needed, moving=moving)
    hours = availabilities({each.mentor_id: each.mentor.zone for each in types}, window)
    found = {}
    for each in types:
        rules = each.slot_rules
        if moving is not None:
            rules = replace(rules, gap_before=moving.gap_before, gap_after=moving.gap_after)
        mentor = each.mentor_id
        found[mentor] = Schedule(hours[mentor], rules, frozenset(cells[mentor]), full[mentor])
    return found, frozenset(cells[learner_id]) if learner_id else frozenset()


def free_slots(
    session_type: SessionType,
    window: Interval,
    *,
    learner_id: uuid.UUID | None = None,
    moving: Meeting | None = None,
) -> FreeSlots:
    """The free slots of this type in window, with the queries of schedules().

    learner_id: the learner, who must be free too; moving: the meeting to reschedule.
    """
    found, others = schedules([session_type], window, learner_id=learner_id, moving=moving)
    return FreeSlots(window, found[session_type.mentor_id], others)


def full_days(
    types: Collection[SessionType], window: Interval, *, moving: Meeting | None = None
) -> dict[uuid.UUID, frozenset[date]]:
    """`{mentor: dates in their zone}` around window that have reached a limit of meetings.

    Meetings of all types count towards the mentor's limit, those of this type towards its own;
    cancelled ones do not count. No query if nobody has a limit.
    """
    limited = [each for each in types if each.has_daily_limit]
    if not limited:
        return {each.mentor_id: frozenset() for each in types}
    around = Interval(window.start - timedelta(days=1), window.end + timedelta(days=1))
    rows = Meeting.objects.filter(
        mentor__in=[each.mentor_id for each in limited],
        scheduled_at__gte=around.start,
        scheduled_at__lt=around.end,
    ).exclude(status=Status.CANCELLED)
    if moving is not None:
        rows = rows.exclude(pk=moving.pk)
    starts = list(rows.values_list("mentor_id", "session_type_id", "scheduled_at"))
    found: dict[uuid.UUID, frozenset[date]] = {each.mentor_id: frozenset() for each in types}
    for each in limited:
        zone, most = each.mentor.zone, each.mentor.booking_rules.most_a_day
        mine = [
            (start.astimezone(zone).date(), kind == each.pk)
            for mentor, kind, start in starts
            if mentor == each.mentor_id
        ]
        of_all = Counter(day for day, _is_type in mine)
        of_type = Counter(day for day, is_type in mine if is_type)
        found[each.mentor_id] = frozenset(
            day
            for day in of_all
            if (most is not None and of_all[day] >= most)
            or (each.most_a_day is not None and of_type[day] >= each.most_a_day)
        )
    return found


def _by(rows: Iterable[Any], key: str) -> dict[Any, list[Any]]:
    ordered = sorted(rows, key=attrgetter(key))
    return {value: list(group) for value, group in groupby(ordered, attrgetter(key))}
