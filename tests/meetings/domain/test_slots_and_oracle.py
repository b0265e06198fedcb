"""The site and an independent algorithm (the oracle) find exactly the same slots.

Around each DST change of two years, in zones that change by an hour or half an hour, at night or at
midnight, in the north and the south, and in zones without DST.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.domain.availability import Availability
from meetings.domain.grid import Interval
from meetings.domain.slots import Schedule, SlotRules, by_day
from tests.meetings.domain.oracle import QUARTER, Oracle, Span, clock_changes

YEARS = (2026, 2027)
ZONES = [
    "Africa/Cairo",  # at midnight
    "Africa/Casablanca",  # DST is suspended during Ramadan
    "America/Havana",  # at midnight and at one, so that midnight happens twice
    "America/New_York",
    "America/Nuuk",  # forward at 23:00, so that the hour before midnight is missing
    "America/Santiago",  # at midnight, in the south
    "America/St_Johns",  # offset of half an hour
    "Asia/Beirut",  # at midnight
    "Asia/Gaza",
    "Asia/Kathmandu",  # offset of a quarter of an hour; never changes
    "Asia/Kolkata",  # never changes
    "Atlantic/Azores",  # across UTC
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Auckland",
    "Pacific/Chatham",  # 12:45 ahead, at a quarter to
]
VIEWERS = ["UTC", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati", "Europe/Zurich"]
CHANGES = [
    pytest.param(ZoneInfo(name), change, id=f"{name}-{change:%Y-%m-%d}")
    for name in ZONES
    for change in clock_changes(ZoneInfo(name), YEARS)
    or [datetime(year, 3, 29, 1, tzinfo=UTC) for year in YEARS]
]
WEEK = timedelta(days=7)
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)

# Half of the ranges are random, half are near DST changes and midnight.
minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)
any_range = st.builds(
    lambda start, length: (start, min(start + length, 1440)),
    minutes,
    st.integers(1, 48).map(lambda quarters: quarters * 15),
)
edgy_range = st.builds(
    lambda start, end: (start, end),
    st.sampled_from([0, 15, 30, 45, 60, 75, 90, 105, 120, 135, 150, 165]),
    st.sampled_from([180, 195, 210, 240, 1395, 1440]),
) | st.sampled_from(
    [(0, 1440), (0, 15), (0, 30), (45, 60), (1320, 1380), (1335, 1440), (1425, 1440)]
)
ranges = st.lists(any_range | edgy_range, max_size=3)
gaps = st.sampled_from([0, 15, 30, 45, 60])


@st.composite
def busy_spans(draw: st.DrawFn, around: datetime) -> list[Span]:
    """Up to 12 spans within a week of that time, on the grid."""
    starts = draw(st.lists(st.integers(-96 * 7, 96 * 7), max_size=12))
    lengths = draw(st.lists(st.integers(1, 10), min_size=len(starts), max_size=len(starts)))
    return [
        (around + start * QUARTER, around + (start + length) * QUARTER)
        for start, length in zip(starts, lengths, strict=True)
    ]


@st.composite
def mentors(draw: st.DrawFn, zone: ZoneInfo, around: datetime) -> Oracle:
    """A mentor with random hours, rules and busy times, and a learner with busy times."""
    days = [around.astimezone(zone).date() + timedelta(days=n) for n in range(-8, 9)]
    near = st.sampled_from(days[6:11])
    off = draw(st.lists(st.tuples(near, st.integers(0, 2)), max_size=2))
    return Oracle(
        zone=zone,
        weekly=draw(st.dictionaries(st.integers(0, 6), ranges, min_size=4)),
        off=[(first, first + timedelta(days=more)) for first, more in off],
        extra=draw(st.dictionaries(near, ranges, max_size=3)),
        step=draw(st.sampled_from([15, 30, 60])),
        gap_before=draw(gaps),
        gap_after=draw(gaps),
        full_days=draw(st.sets(near, max_size=2)),
        notice=draw(st.sampled_from([timedelta(), timedelta(hours=2), timedelta(days=3)])),
        horizon=draw(st.sampled_from([timedelta(days=60), timedelta(days=8)])),
        mentor_busy=draw(busy_spans(around)),
        learner_busy=draw(busy_spans(around)),
    )


def offered(mentor: Oracle, window: Span, duration: int, now: datetime) -> list[Interval]:
    """The slots that the site's own code finds."""
    return schedule_of(mentor).slots(
        Interval(*window), duration, now=now, others_busy=cells(mentor.learner_busy)
    )


def schedule_of(mentor: Oracle) -> Schedule:
    return Schedule(
        availability=Availability(mentor.zone, mentor.weekly, list(mentor.off), mentor.extra),
        rules=SlotRules(
            durations=(30, 60, 90, 120),
            notice=mentor.notice,
            gap_before=mentor.gap_before,
            gap_after=mentor.gap_after,
            horizon=mentor.horizon,
            step=mentor.step,
        ),
        busy=frozenset(cells(mentor.mentor_busy)),
        full_days=frozenset(mentor.full_days),
    )


def cells(spans: Iterable[Span]) -> set[int]:
    return {
        number
        for start, end in spans
        for number in range(int(start.timestamp()) // 900, int(end.timestamp()) // 900)
    }


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@settings(max_examples=30, derandomize=True, deadline=None, database=None)
@given(data=st.data())
def test_the_slots_around_a_clock_change_are_the_oracles(zone, change, data):
    mentor = data.draw(mentors(zone, change))
    duration = data.draw(st.sampled_from([30, 60, 90, 120]))
    minutes_before = data.draw(st.integers(0, 7 * 24 * 60))
    window = (change - timedelta(minutes=minutes_before), change + WEEK)
    now = data.draw(st.sampled_from([change - WEEK, change - timedelta(hours=5, minutes=7)]))
    viewer = ZoneInfo(data.draw(st.sampled_from(VIEWERS)))

    found = offered(mentor, window, duration, now)

    expected = mentor.slots(window, duration, now)
    assert [(slot.start, slot.end) for slot in found] == expected
    days: dict[date, list[Interval]] = {}
    for start, end in expected:
        days.setdefault(start.astimezone(viewer).date(), []).append(Interval(start, end))
    assert by_day(found, viewer) == days


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(mentor=mentors(ZoneInfo("Europe/Berlin"), SPRING), duration=st.sampled_from([30, 120]))
def test_the_soonest_is_the_first_of_all(mentor, duration):
    schedule, window = schedule_of(mentor), Interval(SPRING - WEEK, SPRING + WEEK)

    soonest = schedule.soonest(window, duration, now=SPRING - WEEK)

    every = [slot.start for slot in schedule.slots(window, duration, now=SPRING - WEEK)]
    assert soonest == (every[0] if every else None)


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_two_hours_across_a_clock_change_are_120_real_minutes(zone, change):
    mentor = Oracle(zone, weekly={day: [(0, 1440)] for day in range(7)}, step=15)
    window = (change - timedelta(hours=26), change + timedelta(hours=26))

    found = offered(mentor, window, 120, window[0])

    assert [(slot.start, slot.end) for slot in found] == mentor.slots(window, 120, window[0])
    assert all(slot.end - slot.start == timedelta(minutes=120) for slot in found)
    # Open round the clock: every quarter of an hour of elapsed time, whatever the DST.
    assert [slot.start for slot in found] == [window[0] + n * QUARTER for n in range(4 * 52)]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_a_window_cut_anywhere_offers_the_same_slots(zone, change):
    """A page queries a month, a booking one start: both must find the same ranges."""
    weekly = {day: [(15, 1440), (0, 1440)][day % 2 : day % 2 + 1] for day in range(7)}
    mentor = Oracle(zone, weekly=weekly, step=60)
    window = (change - timedelta(days=4), change + timedelta(days=4))

    found = offered(mentor, window, 30, window[0])

    one_by_one = [
        slot
        for n in range(4 * 24 * 8)
        for slot in offered(
            mentor, (window[0] + n * QUARTER, window[0] + (n + 1) * QUARTER), 30, window[0]
        )
    ]
    assert one_by_one == found
