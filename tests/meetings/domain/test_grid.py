from datetime import UTC, datetime, timedelta, timezone

import pytest

from meetings.domain.grid import (
    Interval,
    bits_of,
    block,
    cell_after,
    cell_of,
    cells_in,
    cells_of,
    instant_of,
    is_on_grid,
    mask_of,
    with_room_for,
    without,
)

TEN = datetime(2027, 3, 1, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def span(start, end):
    return Interval(TEN + start * MINUTE, TEN + end * MINUTE)


@pytest.mark.parametrize(
    ("first", "second", "shares"),
    [
        (span(0, 60), span(60, 90), False),
        (span(0, 60), span(59, 90), True),
        (span(0, 60), span(15, 30), True),
        (span(0, 60), span(-30, 0), False),
        (span(0, 60), span(-30, 90), True),
    ],
)
def test_back_to_back_is_no_overlap(first, second, shares):
    assert first.overlaps(second) is shares
    assert second.overlaps(first) is shares


def test_an_interval_needs_aware_times_in_order():
    with pytest.raises(ValueError, match="aware"):
        Interval(TEN.replace(tzinfo=None), TEN)
    with pytest.raises(ValueError, match="ends after"):
        Interval(TEN, TEN)


def test_a_cell_is_a_quarter_of_an_hour_in_any_zone():
    in_nepal = TEN.astimezone(timezone(timedelta(hours=5, minutes=45)))

    assert is_on_grid(in_nepal)
    assert cell_of(in_nepal) == cell_of(TEN)
    assert instant_of(cell_of(TEN)) == TEN
    assert not is_on_grid(TEN + MINUTE)
    assert not is_on_grid(TEN + timedelta(microseconds=1))


def test_cells_before_the_epoch_go_on_downwards():
    before = datetime(1969, 12, 31, 23, 50, tzinfo=UTC)

    assert cell_of(before) == -1
    assert cell_after(before) == 0
    assert instant_of(-1) == datetime(1969, 12, 31, 23, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "cells"),
    [(0, 60, [0, 1, 2, 3]), (1, 14, [0]), (14, 16, [0, 1]), (-1, 1, [-1, 0])],
)
def test_a_span_takes_every_cell_that_it_touches(start, end, cells):
    assert [cell - cell_of(TEN) for cell in cells_of(span(start, end))] == cells


def test_cell_after_is_the_first_one_that_has_not_begun():
    assert cell_after(TEN) == cell_of(TEN)
    assert cell_after(TEN + timedelta(microseconds=1)) == cell_of(TEN) + 1


@pytest.mark.parametrize(("minutes", "cells"), [(0, 0), (1, 1), (15, 1), (16, 2), (120, 8)])
def test_minutes_take_whole_cells(minutes, cells):
    assert cells_in(minutes) == cells


@pytest.mark.parametrize(
    ("first", "length", "mask"),
    [(0, 3, 0b111), (2, 2, 0b1100), (-1, 3, 0b11), (-5, 3, 0), (3, 0, 0)],
)
def test_a_block_is_cut_off_below_zero(first, length, mask):
    assert block(first, length) == mask


def test_a_mask_and_its_bits():
    assert mask_of([100, 102, 99], origin=100) == 0b101
    assert bits_of(0b101) == [0, 2]
    assert bits_of(0) == []


@pytest.mark.parametrize("length", range(1, 13))
def test_with_room_for_keeps_the_starts_of_long_enough_runs(length):
    mask = 0b1111111111110111101101

    expected = [bit for bit in bits_of(mask) if all(mask >> bit + n & 1 for n in range(length))]

    assert bits_of(with_room_for(mask, length)) == expected


@pytest.mark.parametrize(
    ("spans", "out", "left"),
    [
        ([span(0, 4)], [], [span(0, 4)]),
        ([span(0, 4)], [span(0, 4)], []),
        ([span(0, 4)], [span(1, 2)], [span(0, 1), span(2, 4)]),
        ([span(0, 4)], [span(3, 5)], [span(0, 3)]),
        ([span(0, 1), span(2, 3)], [span(1, 2)], [span(0, 1), span(2, 3)]),
    ],
)
def test_without_leaves_what_lies_outside(spans, out, left):
    assert without(spans, out) == left
