from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from meetings.domain.availability import (
    Availability,
    check_ranges,
    clock,
    day_start,
    merged,
    open_ranges,
)
from meetings.domain.errors import EmptyRange, OverlappingRanges, RangeOffGrid
from meetings.domain.grid import cell_of, instant_of

MONDAY = date(2027, 3, 1)
UTC_ZONE = ZoneInfo("UTC")


def opens(availability, day):
    """The open ranges that overlap that UTC date, as strings."""
    first = cell_of(datetime(day.year, day.month, day.day, tzinfo=UTC))
    return [
        f"{instant_of(each.start):%d %H:%M}-{instant_of(each.end):%d %H:%M}"
        for each in open_ranges(availability, first, first + 96)
    ]


def test_ranges_that_touch_or_overlap_are_one():
    assert merged([(600, 660), (540, 600), (660, 675), (0, 15), (620, 640)]) == [
        (0, 15),
        (540, 675),
    ]
    assert merged([]) == []


def test_a_day_off_closes_the_weekly_hours_but_not_the_extra_ones():
    availability = Availability(
        UTC_ZONE,
        weekly={0: [(540, 600)], 1: [(540, 600)]},
        off=[(MONDAY, MONDAY)],
        extra={MONDAY: [(900, 960)], MONDAY + timedelta(days=1): [(600, 660)]},
    )

    assert availability.ranges_on(MONDAY) == [(900, 960)]
    assert availability.ranges_on(MONDAY + timedelta(days=1)) == [(540, 660)]
    assert availability.ranges_on(MONDAY + timedelta(days=7)) == [(540, 600)]


@pytest.mark.parametrize(
    ("ranges", "error"),
    [
        ([(600, 600)], EmptyRange),
        ([(660, 600)], EmptyRange),
        ([(-15, 30)], EmptyRange),
        ([(1380, 1455)], EmptyRange),
        ([(601, 660)], RangeOffGrid),
        ([(600, 661)], RangeOffGrid),
        ([(540, 615), (600, 660)], OverlappingRanges),
        ([(600, 660), (600, 660)], OverlappingRanges),
    ],
)
def test_hours_that_no_calendar_could_show_are_refused(ranges, error):
    with pytest.raises(error):
        check_ranges(ranges)


def test_an_overlap_names_both_ranges():
    with pytest.raises(OverlappingRanges, match="09:00–10:15 and 10:00–24:00 overlap"):
        check_ranges([(600, 1440), (540, 615)])


def test_hours_that_touch_and_the_whole_day_are_fine():
    check_ranges([(0, 600), (600, 1440)])
    check_ranges([])


@pytest.mark.parametrize(("minutes", "text"), [(0, "00:00"), (615, "10:15"), (1440, "24:00")])
def test_clock(minutes, text):
    assert clock(minutes) == text


def test_the_first_instant_of_a_date_whose_midnight_is_skipped_is_the_change():
    beirut = ZoneInfo("Asia/Beirut")

    start = day_start(date(2026, 3, 29), beirut)

    assert start.astimezone(UTC) == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert start.astimezone(UTC).astimezone(beirut).date() == date(2026, 3, 29)


def test_a_range_until_midnight_goes_on_in_the_one_from_midnight_on():
    availability = Availability(UTC_ZONE, weekly={0: [(1350, 1440)], 1: [(0, 60)]})

    assert opens(availability, MONDAY) == ["01 22:30-02 01:00"]
    assert opens(availability, MONDAY + timedelta(days=1)) == ["01 22:30-02 01:00"]


def test_a_range_that_stops_short_of_midnight_does_not():
    availability = Availability(UTC_ZONE, weekly={0: [(1350, 1425)], 1: [(0, 60)]})

    assert opens(availability, MONDAY) == ["01 22:30-01 23:45"]


def test_hours_round_the_clock_start_anew_each_day():
    availability = Availability(UTC_ZONE, weekly={0: [(15, 1440)], 1: [(0, 1440)], 2: [(0, 1440)]})

    assert opens(availability, MONDAY) == ["01 00:15-03 00:00"]
    assert opens(availability, MONDAY + timedelta(days=2)) == ["03 00:00-04 00:00"]


@pytest.mark.parametrize(
    ("name", "day", "hours", "expected"),
    [
        # 02:00-03:00 does not exist: hours inside it are dropped, hours across it are one range.
        ("Europe/Berlin", date(2026, 3, 29), [(120, 180)], []),
        ("Europe/Berlin", date(2026, 3, 29), [(60, 240)], ["29 00:00-29 02:00"]),
        ("Europe/Berlin", date(2026, 3, 29), [(150, 240)], ["29 01:00-29 02:00"]),
        # Two ranges stay separate, though they touch in elapsed time.
        (
            "Europe/Berlin",
            date(2026, 3, 29),
            [(75, 150), (180, 240)],
            ["29 00:15-29 01:00", "29 01:00-29 02:00"],
        ),
        # 02:00-03:00 happens twice.
        ("Europe/Berlin", date(2026, 10, 25), [(120, 180)], ["25 00:00-25 02:00"]),
        (
            "Europe/Berlin",
            date(2026, 10, 25),
            [(135, 150)],
            ["25 00:15-25 00:30", "25 01:15-25 01:30"],
        ),
        (
            "Europe/Berlin",
            date(2026, 10, 25),
            [(60, 150)],
            ["24 23:00-25 00:30", "25 01:00-25 01:30"],
        ),
        # 01:30-02:00 happens twice on Lord Howe Island, whose DST is half an hour.
        ("Australia/Lord_Howe", date(2026, 4, 4), [], []),
        ("Australia/Lord_Howe", date(2026, 4, 5), [(90, 120)], ["04 14:30-04 15:30"]),
        ("Australia/Lord_Howe", date(2026, 10, 4), [(120, 150)], []),
    ],
)
def test_hours_around_a_clock_change(name, day, hours, expected):
    availability = Availability(ZoneInfo(name), extra={day: hours})

    assert sorted({*opens(availability, day - timedelta(days=1)), *opens(availability, day)}) == (
        expected
    )


def test_hours_before_a_repeated_midnight_stay_a_range_of_their_own():
    """01:00 goes back to 00:00, so 00:45-01:00 and 00:00-00:30 touch, but stay two ranges."""
    day = date(2026, 11, 1)
    availability = Availability(ZoneInfo("America/Havana"), extra={day: [(0, 30), (45, 60)]})

    assert opens(availability, day) == [
        "01 04:00-01 04:30",
        "01 04:45-01 05:00",
        "01 05:00-01 05:30",
        "01 05:45-01 06:00",
    ]


def test_hours_until_a_skipped_hour_do_not_join_those_from_midnight_on():
    """23:00 goes forward to 00:00, so hours until 23:00 and hours from midnight on touch."""
    saturday, sunday = date(2026, 3, 28), date(2026, 3, 29)
    nuuk = ZoneInfo("America/Nuuk")
    until_eleven = Availability(nuuk, extra={saturday: [(1335, 1380)], sunday: [(0, 60)]})
    until_midnight = Availability(nuuk, extra={saturday: [(1335, 1440)], sunday: [(0, 60)]})

    assert opens(until_eleven, sunday) == ["29 00:15-29 01:00", "29 01:00-29 02:00"]
    assert opens(until_midnight, sunday) == ["29 00:15-29 02:00"]
