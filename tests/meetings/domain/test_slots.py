from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from meetings.domain.availability import Availability
from meetings.domain.grid import Interval, cell_of, cells_of
from meetings.domain.slots import Schedule, SlotRules, by_day, nearest

MIDNIGHT = datetime(2027, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = Interval(MIDNIGHT, MIDNIGHT + 24 * HOUR)


def at(text):
    """That time of day on Monday; 24:00 is midnight at its end."""
    hour, minute = map(int, text.split(":"))
    return MIDNIGHT + timedelta(hours=hour, minutes=minute)


def schedule(hours=((540, 720),), busy=(), **rules):
    """The schedule of a mentor with these hours on Mondays in UTC; busy: `(from, to)` strings."""
    defaults = {
        "durations": (30, 60, 90, 120),
        "notice": timedelta(),
        "gap_before": 0,
        "gap_after": 0,
        "horizon": timedelta(days=30),
        "step": 30,
    }
    return Schedule(
        Availability(ZoneInfo("UTC"), weekly={0: list(hours)}),
        SlotRules(**{**defaults, **rules}),
        frozenset(cells(busy)),
    )


def cells(spans):
    return {cell for start, end in spans for cell in cells_of(Interval(at(start), at(end)))}


def starts(schedule, duration=60, *, window=DAY, now=MIDNIGHT - HOUR, learner_busy=()):
    found = schedule.slots(window, duration, now=now, others_busy=cells(learner_busy))
    assert all(slot.end - slot.start == timedelta(minutes=duration) for slot in found)
    return [f"{slot.start:%H:%M}" for slot in found]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (15, ["09:15", "09:30", "09:45", "10:00", "10:15"]),
        (30, ["09:15", "09:45", "10:15"]),
        (60, ["09:15", "10:15"]),
    ],
)
def test_starts_are_counted_from_the_start_of_the_range(step, expected):
    assert starts(schedule([(555, 675)], step=step)) == expected


@pytest.mark.parametrize(
    ("duration", "expected"),
    [(30, ["09:00", "09:30", "10:00"]), (60, ["09:00", "09:30"]), (90, ["09:00"]), (120, [])],
)
def test_a_slot_fits_into_its_range(duration, expected):
    assert starts(schedule([(540, 630)]), duration) == expected


def test_hours_that_touch_are_one_range():
    assert starts(schedule([(540, 615), (615, 690)])) == ["09:00", "09:30", "10:00", "10:30"]


def test_back_to_back_is_free():
    assert starts(schedule(busy=[("10:00", "11:00")])) == ["09:00", "11:00"]


def test_the_gap_after_the_new_meeting_must_be_free_too():
    mentor = schedule(busy=[("10:30", "11:00")], gap_after=45, step=15)

    assert starts(mentor) == ["11:00"]
    assert starts(mentor, 30) == ["09:00", "09:15", "11:00", "11:15", "11:30"]


def test_the_gap_before_the_new_meeting_must_be_free_too():
    mentor = schedule(busy=[("09:30", "10:00")], gap_before=45, step=15)

    assert starts(mentor) == ["10:45", "11:00"]
    assert starts(mentor, 30) == ["09:00", "10:45", "11:00", "11:15", "11:30"]


def test_both_gaps_must_be_free():
    mentor = schedule(
        busy=[("09:00", "09:30"), ("11:30", "12:00")], gap_before=15, gap_after=30, step=15
    )

    assert starts(mentor) == ["09:45", "10:00"]


def test_the_gaps_may_lie_outside_the_hours():
    assert starts(schedule([(540, 600)], gap_before=60, gap_after=60)) == ["09:00"]


def test_the_gap_before_may_lie_before_the_window_and_before_now():
    mentor = schedule(busy=[("08:30", "09:00")], gap_before=30)

    assert starts(mentor, window=Interval(at("09:00"), at("10:00"))) == ["09:30"]
    assert starts(mentor, now=at("09:00")) == ["09:30", "10:00", "10:30", "11:00"]


def test_a_busy_learner_needs_no_gap():
    mentor = schedule(gap_before=60, gap_after=60)

    assert starts(mentor, learner_busy=[("10:00", "11:00")]) == ["09:00", "11:00"]


def test_a_full_day_takes_no_start_on_its_date_in_the_mentors_zone():
    """Cape Verde is an hour behind UTC: Tuesday begins there at 01:00 UTC."""
    mentor = Schedule(
        Availability(ZoneInfo("Atlantic/Cape_Verde"), {0: [(1320, 1440)], 1: [(0, 120)]}),
        schedule().rules,
        full_days=frozenset([date(2027, 3, 2)]),
    )
    night = Interval(at("22:00"), at("22:00") + 8 * HOUR)

    found = mentor.slots(night, 60, now=MIDNIGHT)

    assert [f"{slot.start:%H:%M}" for slot in found] == ["23:00", "23:30", "00:00", "00:30"]
    assert mentor.soonest(Interval(at("24:00") + HOUR, night.end), 60, now=MIDNIGHT) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("09:00", ["11:00"]),
        ("08:59", ["11:00"]),
        ("08:30", ["10:30", "11:00"]),
        ("08:31", ["11:00"]),
        ("09:01", []),
    ],
)
def test_notice_is_kept_to_the_minute(now, expected):
    assert starts(schedule(notice=2 * HOUR), now=at(now)) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [("09:30", ["09:00", "09:30"]), ("09:29", ["09:00"]), ("08:59", [])],
)
def test_the_horizon_is_kept_to_the_minute(now, expected):
    a_week_before = at(now) - timedelta(days=7)

    assert starts(schedule(horizon=timedelta(days=7)), now=a_week_before) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("09:00", "09:30", ["09:00"]),
        ("09:00", "09:31", ["09:00", "09:30"]),
        ("09:01", "10:00", ["09:30"]),
        ("10:30", "11:00", ["10:30"]),
        ("11:15", "11:30", []),
    ],
)
def test_a_window_holds_the_starts_and_not_the_ends(first, last, expected):
    assert starts(schedule(), window=Interval(at(first), at(last))) == expected


def test_what_is_past_is_not_offered():
    assert starts(schedule(), now=at("10:31")) == ["11:00"]
    assert starts(schedule(), now=at("23:00")) == []


def test_a_slot_may_run_across_two_ranges_that_touch_in_real_time():
    """02:00-03:00 is skipped, so 01:00-02:00 and 03:00-04:00 are two consecutive hours."""
    berlin = ZoneInfo("Europe/Berlin")
    day = date(2026, 3, 29)
    mentor = Schedule(
        Availability(berlin, extra={day: [(60, 120), (180, 240)]}),
        schedule().rules,
    )
    midnight = datetime(2026, 3, 28, 23, tzinfo=UTC)

    found = mentor.slots(Interval(midnight, midnight + 23 * HOUR), 120, now=midnight - HOUR)

    assert found == [Interval(midnight + HOUR, midnight + 3 * HOUR)]


def test_by_day_follows_the_viewers_date():
    late = Interval(at("23:00"), at("23:30"))
    later = Interval(at("23:30"), at("24:00"))

    assert by_day([late, later], ZoneInfo("UTC")) == {date(2027, 3, 1): [late, later]}
    assert by_day([late, later], ZoneInfo("Asia/Kolkata")) == {date(2027, 3, 2): [late, later]}
    assert by_day([], ZoneInfo("UTC")) == {}


def test_nearest_are_the_closest_ones_soonest_first():
    free = [Interval(at(text), at(text) + HOUR) for text in ("08:00", "09:30", "11:00", "15:00")]

    assert nearest(free, at("10:00")) == [at("08:00"), at("09:30"), at("11:00")]
    assert nearest(free, at("23:00"), most=1) == [at("15:00")]
    assert nearest([], at("10:00")) == []


def test_far_more_busy_time_than_the_window_changes_nothing():
    past = frozenset(range(cell_of(MIDNIGHT) - 20_000, cell_of(MIDNIGHT)))
    mentor = schedule()

    assert starts(Schedule(mentor.availability, mentor.rules, past)) == starts(mentor)
