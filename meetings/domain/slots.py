"""Which times can really be booked: bit arithmetic over open and busy cells.

A slot is offered when the mentor is open and both people are free for all of it, and the mentor
is free for the gap after it. Past, notice and horizon bound the starts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from meetings.domain.availability import Availability, masks
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
class Terms:
    """What a mentor agrees to. gap and slot_step in minutes; durations of DURATIONS."""

    durations: tuple[int, ...]
    notice: timedelta
    gap: int
    horizon: timedelta
    slot_step: int

    def bookable(self, now: datetime) -> tuple[datetime, datetime]:
        """The earliest and the latest start that may be booked at now, both included."""
        return now + self.notice, now + self.horizon


@dataclass(frozen=True)
class Schedule:
    """All that decides when a mentor can be booked. busy: the numbers of the taken cells of the
    mentor, those of past gaps included; they must cover whatever window is asked for."""

    availability: Availability
    terms: Terms
    busy: frozenset[int] = frozenset()

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
        """When the first of slots() starts, None if there is none. Far quicker than all of them."""
        first, starts = self._starts(window, duration, now, ())
        return instant_of(first + lowest_bit_of(starts)) if starts else None

    def _starts(
        self, window: Interval, duration: int, now: datetime, others_busy: Iterable[int]
    ) -> tuple[int, int]:
        """A cell, and the free starts as a mask counted from it."""
        earliest, latest = self.terms.bookable(now)
        first = cell_after(max(window.start, earliest))
        last = min(cell_after(window.end), cell_of(latest) + 1)
        if first >= last:
            return first, 0
        length, gap = cells_in(duration), cells_in(self.terms.gap)
        is_open, starts = masks(
            self.availability, first, last + length, cells_in(self.terms.slot_step)
        )
        mentor_free = ~mask_of(self.busy, first)
        learner_free = ~mask_of(others_busy, first)
        starts &= with_room_for(is_open & mentor_free & learner_free, length)
        starts &= with_room_for(mentor_free, length + gap)
        return first, starts & block(0, last - first)


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
