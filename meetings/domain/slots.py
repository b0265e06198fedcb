"""Computing the slots that can be booked: bit arithmetic over open and busy cells.

A slot is offered if the mentor is open and both people are free for all of it, and the mentor is
free for the gaps before and after it. Notice and horizon bound the starts, and a day that has
reached the mentor's limit of meetings offers none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from meetings.domain.availability import Availability, day_start, masks
from meetings.domain.grid import (
    Interval,
    bits_of,
    block,
    cell_after,
    cell_of,
    cells_in,
    instant_of,
    lowest_bit_of,
    mask_of,
    with_room_for,
)


@dataclass(frozen=True)
class SlotRules:
    """The rules of a session type. durations (of DURATIONS), gaps and step are in minutes."""

    durations: tuple[int, ...]
    notice: timedelta
    gap_before: int
    gap_after: int
    horizon: timedelta
    step: int

    def bookable(self, now: datetime) -> tuple[datetime, datetime]:
        """The earliest and the latest start that may be booked at now, both included."""
        return now + self.notice, now + self.horizon


@dataclass(frozen=True)
class Schedule:
    """Everything that decides when a mentor can be booked. busy: the numbers of the mentor's taken
    cells, gaps of other meetings included, for every window that is asked for. full_days: dates in
    the mentor's zone that have reached a limit of meetings."""

    availability: Availability
    rules: SlotRules
    busy: frozenset[int] = frozenset()
    full_days: frozenset[date] = frozenset()

    def slots(
        self,
        window: Interval,
        duration: int,
        *,
        now: datetime,
        others_busy: Iterable[int] = (),
    ) -> list[Interval]:
        """The free slots that start in window, soonest first. others_busy: the taken cells of
        the learner."""
        first, starts = self._starts(window, duration, now, others_busy)
        length = cells_in(duration)
        return [
            Interval(instant_of(first + bit), instant_of(first + bit + length))
            for bit in bits_of(starts)
        ]

    def soonest(self, window: Interval, duration: int, *, now: datetime) -> datetime | None:
        """The first start of slots(), None if there is none. Much faster than slots()."""
        first, starts = self._starts(window, duration, now, ())
        return instant_of(first + lowest_bit_of(starts)) if starts else None

    def _starts(
        self, window: Interval, duration: int, now: datetime, others_busy: Iterable[int]
    ) -> tuple[int, int]:
        """The first cell, and the free starts as a bit mask counted from it."""
        earliest, latest = self.rules.bookable(now)
        first = cell_after(max(window.start, earliest))
        last = min(cell_after(window.end), cell_of(latest) + 1)
        if first >= last:
            return first, 0
        length, before = cells_in(duration), cells_in(self.rules.gap_before)
        is_open, starts = masks(self.availability, first, last + length, cells_in(self.rules.step))
        both_free = ~(mask_of(self.busy, first) | mask_of(others_busy, first))
        starts &= with_room_for(is_open & both_free, length)
        # Counted from the gap before the first start: bit n is the gap of the start at bit n.
        mentor_free = ~mask_of(self.busy, first - before)
        starts &= with_room_for(mentor_free, before + length + cells_in(self.rules.gap_after))
        return first, starts & block(0, last - first) & ~self._full(first)

    def _full(self, first: int) -> int:
        """The cells of full_days, as a mask counted from first."""
        full, zone = 0, self.availability.zone
        for day in self.full_days:
            start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
            full |= block(cell_of(start) - first, cell_of(end) - cell_of(start))
        return full


def by_day(slots: Iterable[Interval], zone: ZoneInfo) -> dict[date, list[Interval]]:
    """`{day: [slot]}` by the date that each start has in zone, soonest first; no empty days."""
    days: dict[date, list[Interval]] = {}
    for slot in slots:
        days.setdefault(slot.start.astimezone(zone).date(), []).append(slot)
    return days


def nearest(slots: Sequence[Interval], wanted: datetime, most: int = 3) -> list[datetime]:
    """The starts closest to wanted, at most so many, soonest first."""
    closest = sorted(slots, key=lambda slot: abs(slot.start - wanted))[:most]
    return sorted(slot.start for slot in closest)
