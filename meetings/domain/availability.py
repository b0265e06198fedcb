"""When a mentor is open: wall-clock hours in the mentor's zone, turned into cells of UTC.

A mentor is open at an instant if the local clock then shows a time inside one of that date's
ranges. So hours that a DST change skips do not exist, and hours that it repeats are open twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from meetings.domain.errors import EmptyRange, OverlappingRanges, RangeOffGrid
from meetings.domain.grid import (
    CELL,
    CELL_MINUTES,
    EPOCH,
    block,
    instant_of,
)

MINUTES_A_DAY = 24 * 60
CELLS_A_DAY = MINUTES_A_DAY // CELL_MINUTES

# Minutes after local midnight, half-open, 0 to 1440.
MinuteRange: TypeAlias = tuple[int, int]
# A period with one UTC offset: its first cell, its last cell + 1, and the offset in cells.
Segment: TypeAlias = tuple[int, int, int]


class Hours(NamedTuple):
    """A range in the text of an error. str() is 09:00–12:00; pages use the person's clock."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{clock(self.start)}–{clock(self.end)}"


@dataclass(frozen=True)
class Availability:
    """The hours of one mentor. weekly: by weekday, Monday is 0; off: (first, last) days, both
    included; extra: by date. A day off cancels its weekly hours, not the extra ones."""

    zone: ZoneInfo
    weekly: Mapping[int, list[MinuteRange]] = field(default_factory=dict)
    off: list[tuple[date, date]] = field(default_factory=list)
    extra: Mapping[date, list[MinuteRange]] = field(default_factory=dict)

    def ranges_on(self, day: date) -> list[MinuteRange]:
        """The ranges of that date, soonest first; those that touch or overlap are merged."""
        ranges = list(self.extra.get(day, ()))
        if not any(first <= day <= last for first, last in self.off):
            ranges += self.weekly.get(day.weekday(), ())
        return merged(ranges)


@dataclass
class OpenRange:
    """A period of open time, in cells: [start, end). Bookable starts are counted from its start.

    day (days since the epoch) and hours: the range of a date that it comes from.
    """

    start: int
    end: int
    day: int
    hours: MinuteRange

    def starts(self, step: int) -> range:
        """The cells at which meetings may start, every step cells."""
        return range(self.start, self.end, step)

    def goes_on_in(self, following: "OpenRange") -> bool:
        """Whether following, which starts where this ends, continues it: as the rest of a range cut
        by a DST change, or from midnight on after hours until midnight. Hours that start at
        midnight are not continued, so hours around the clock are a new period each day.
        """
        if self.day == following.day:
            return self.hours == following.hours
        (opens, closes), (next_opens, _closes) = self.hours, following.hours
        return opens > 0 and closes == MINUTES_A_DAY and next_opens == 0


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of that date in zone. Where a DST change skips midnight, it is the
    instant of the change (fold 0 uses the offset before it, PEP 495)."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def merged(ranges: Iterable[MinuteRange]) -> list[MinuteRange]:
    """The ranges, soonest first, with those that touch or overlap merged."""
    result: list[MinuteRange] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def clock(minutes: int) -> str:
    """Minutes after midnight as a clock shows them: 615 is 10:15; 1440 is 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def check_ranges(ranges: Iterable[MinuteRange]) -> None:
    """Check the ranges of one day: they may touch, but not overlap.

    Raises EmptyRange, RangeOffGrid, or OverlappingRanges, which names the two.
    """
    ordered = sorted(ranges)
    for start, end in ordered:
        if start % CELL_MINUTES or end % CELL_MINUTES:
            raise RangeOffGrid
        if not 0 <= start < end <= MINUTES_A_DAY:
            raise EmptyRange
    for (start, end), (next_start, next_end) in pairwise(ordered):
        if next_start < end:
            raise OverlappingRanges(first=Hours(start, end), second=Hours(next_start, next_end))


def _offset(zone: ZoneInfo, cell: int) -> int:
    shift = instant_of(cell).astimezone(zone).utcoffset()
    return 0 if shift is None else shift // CELL


@lru_cache(maxsize=4096)
def segments(zone: ZoneInfo, first: int, last: int) -> tuple[Segment, ...]:
    """The cells [first, last), cut where the zone's offset changes, which is once a day at most."""
    found: list[Segment] = []
    start, offset = first, _offset(zone, first)
    probe = first
    while probe < last:
        following = min(probe + CELLS_A_DAY, last)
        if _offset(zone, following) != offset:
            low, high = probe, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            found.append((start, high, offset))
            start, offset = high, _offset(zone, high)
        probe = following
    if start < last:
        found.append((start, last, offset))
    return tuple(found)


def _pieces(availability: Availability, first: int, last: int) -> Iterator[OpenRange]:
    """Each range of each date, cut where the offset changes, soonest first."""
    day_zero = EPOCH.date().toordinal()
    for start, end, offset in segments(availability.zone, first, last):
        local_first, local_last = start + offset, end + offset
        for day in range(local_first // CELLS_A_DAY, (local_last - 1) // CELLS_A_DAY + 1):
            for opens, closes in availability.ranges_on(date.fromordinal(day_zero + day)):
                midnight = day * CELLS_A_DAY
                low = max(midnight + opens // CELL_MINUTES, local_first)
                high = min(midnight + closes // CELL_MINUTES, local_last)
                if low < high:
                    yield OpenRange(low - offset, high - offset, day, (opens, closes))


def open_ranges(availability: Availability, first: int, last: int) -> list[OpenRange]:
    """The open periods that share time with the cells [first, last), whole and soonest first.

    Two more days are computed on either side, so that a period has the same start, and so the
    same bookable times, for every window.
    """
    found: list[OpenRange] = []
    day_first = (first // CELLS_A_DAY - 2) * CELLS_A_DAY
    day_last = (last // CELLS_A_DAY + 3) * CELLS_A_DAY
    for piece in _pieces(availability, day_first, day_last):
        before = found[-1] if found else None
        if before and before.end == piece.start and before.goes_on_in(piece):
            before.end, before.day, before.hours = piece.end, piece.day, piece.hours
        else:
            found.append(piece)
    return [each for each in found if each.end > first and each.start < last]


def masks(availability: Availability, first: int, last: int, step: int) -> tuple[int, int]:
    """Open cells and bookable starts in [first, last) as bit masks counted from first."""
    is_open = starts = 0
    window = block(0, last - first)
    for each in open_ranges(availability, first, last):
        is_open |= block(each.start - first, each.end - each.start)
        for cell in each.starts(step):
            if cell >= first:
                starts |= 1 << (cell - first)
    return is_open & window, starts & window
