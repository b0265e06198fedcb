"""The time grid: cells of 15 minutes, counted from the Unix epoch.

A set of cells is an integer with one bit per cell, counted from an origin cell. UTC offsets are
whole cells in the years that matter here, so a local quarter of an hour is always one cell.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

CELL_MINUTES = 15
CELL = timedelta(minutes=CELL_MINUTES)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# A cell of one person: (the person's id, the number of the cell).
PersonCell: TypeAlias = tuple[uuid.UUID, int]


@dataclass(frozen=True, order=True)
class Interval:
    """Time from start to end, half-open: [start, end). Both are aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs aware times")
        if self.start >= self.end:
            raise ValueError("an interval ends after it starts")

    def overlaps(self, other: "Interval") -> bool:
        """Whether the two share time; back to back is no overlap."""
        return self.start < other.end and other.start < self.end

    def without(self, other: "Interval") -> "list[Interval]":
        """The parts of it that are outside other: two at most, soonest first."""
        if not self.overlaps(other):
            return [self]
        pieces = []
        if self.start < other.start:
            pieces.append(Interval(self.start, other.start))
        if other.end < self.end:
            pieces.append(Interval(other.end, self.end))
        return pieces


def is_on_grid(moment: datetime) -> bool:
    """Whether moment, which is aware, is the start of a cell."""
    return (moment - EPOCH) % CELL == timedelta()


def cell_of(moment: datetime) -> int:
    """The number of the cell that moment lies in."""
    return (moment - EPOCH) // CELL


def cell_after(moment: datetime) -> int:
    """The number of the first cell that starts at moment or later."""
    return -((EPOCH - moment) // CELL)


def instant_of(cell: int) -> datetime:
    """When the cell starts, in UTC."""
    return EPOCH + cell * CELL


def cells_of(span: Interval) -> range:
    """The numbers of the cells that span touches, soonest first."""
    return range(cell_of(span.start), cell_after(span.end))


def cells_in(minutes: int) -> int:
    """The number of cells that so many minutes need, rounded up."""
    return -(-minutes // CELL_MINUTES)


def block(first: int, length: int) -> int:
    """A mask with `length` ones from bit `first` on; bits below zero are cut off."""
    if first < 0:
        length, first = length + first, 0
    return ((1 << length) - 1) << first if length > 0 else 0


def mask_of(cells: Iterable[int], origin: int) -> int:
    """The mask of these cells, counted from origin; earlier ones are left out."""
    mask = 0
    for cell in cells:
        if cell >= origin:
            mask |= 1 << (cell - origin)
    return mask


def with_room_for(mask: int, length: int) -> int:
    """The bits of mask at which at least `length` ones in a row start."""
    have = 1
    while have < length:
        step = min(have, length - have)
        mask &= mask >> step
        have += step
    return mask


def bits_of(mask: int) -> list[int]:
    """The numbers of the bits that are set, lowest first. The mask is not negative."""
    found = []
    while mask:
        found.append(lowest_bit_of(mask))
        # Clear the lowest bit.
        mask &= mask - 1
    return found


def lowest_bit_of(mask: int) -> int:
    """The number of the lowest bit that is set. The mask is positive."""
    return (mask & -mask).bit_length() - 1


def without(spans: Iterable[Interval], out: Iterable[Interval]) -> list[Interval]:
    """The parts of the spans that are outside all of out."""
    left = list(spans)
    for each in out:
        left = [piece for span in left for piece in span.without(each)]
    return left
