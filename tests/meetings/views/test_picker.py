from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from meetings.models import SessionType
from meetings.views.clocks import clock_text, second_clock, start_value
from meetings.views.picker import alternative_slots, pick
from meetings.views.picker_context import PickerContext
from meetings.views.picker_query import PickerQuery, month_after, month_before, requested_zone
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

PATH = "/book-session/somebody/"
EVERY_DAY_TO_ONE = {day: [(9 * 60, 13 * 60)] for day in range(7)}


def picker_context(mentor, viewer=None, *, now=MONDAY, moving=None):
    viewer = viewer or UserFactory()
    session_type = SessionType.objects.with_rules().get(mentor=mentor.user)
    return PickerContext(session_type, viewer.pk, viewer, mentor.user, PATH, now, moving)


def picked(a_scene, **query):
    with timezone.override(a_scene.viewer.zone):
        return pick(a_scene, PickerQuery.of(query, a_scene.viewer.zone))


def texts(picker):
    return [slot.text for group in picker.groups for slot in group["slots"]]


def query_of(href):
    assert urlsplit(href).path == PATH
    return {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}


# The request


def test_what_cannot_be_read_is_left_out_and_said():
    asked = PickerQuery.of(
        {"month": "banana", "day": "2026-02-31", "duration": "long", "start": "2027-03-01T10:00"},
        UTC,
    )

    assert (asked.month, asked.day, asked.duration, asked.start) == (None, None, None, None)
    assert len(asked.notices) == 3


def test_a_start_outweighs_a_day_and_a_day_a_month(db):
    zone = UserFactory(timezone="Pacific/Auckland").zone

    by_start = PickerQuery.of(
        {"month": "2027-01", "day": "2027-02-03", "start": "2027-03-31T12:00Z"}, zone
    )
    by_day = PickerQuery.of({"month": "2027-01", "day": "2027-02-03"}, zone)

    assert (by_start.month, by_start.day) == (date(2027, 4, 1), date(2027, 4, 1))
    assert (by_day.month, by_day.day) == (date(2027, 2, 1), date(2027, 2, 3))


@pytest.mark.parametrize("month", ["2027-13", "0000-01", "27-03", "2027-3", "２０２７-03", ""])
def test_a_month_that_is_none_is_left_out(month):
    assert PickerQuery.of({"month": month}, UTC) == PickerQuery()


def test_months_follow_each_other():
    assert month_after(date(2027, 12, 1)) == date(2028, 1, 1)
    assert month_before(date(2027, 1, 1)) == date(2026, 12, 1)


# Clocks


def test_an_hour_that_comes_twice_is_told_apart():
    berlin = UserFactory.build(timezone="Europe/Berlin").zone
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)

    assert clock_text(first, berlin) == "02:30 CEST"
    assert clock_text(first + timedelta(hours=1), berlin) == "02:30 CET"
    assert clock_text(first + timedelta(hours=2), berlin) == "03:30"


def test_the_second_clock_shows_only_what_differs():
    berlin, paris, kiritimati = (
        UserFactory.build(timezone=name).zone
        for name in ("Europe/Berlin", "Europe/Paris", "Pacific/Kiritimati")
    )

    assert second_clock(MONDAY, berlin, paris) == ""
    assert second_clock(MONDAY, berlin, kiritimati) == "Tue 02:00"
    assert second_clock(MONDAY - timedelta(hours=3), berlin, kiritimati) == "23:00"


def test_a_value_is_in_utc():
    berlin = UserFactory.build(timezone="Europe/Berlin").zone

    assert start_value(MONDAY.astimezone(berlin)) == "2027-03-01T12:00Z"


# The picker


def test_it_opens_on_the_first_free_day_even_of_a_later_month():
    mentor = MentorFactory(notice=10_080, weekly=EVERY_DAY_TO_ONE)

    picker = picked(picker_context(mentor, now=datetime(2027, 3, 28, 12, 30, tzinfo=UTC)))

    assert (picker.title, picker.day) == ("April 2027", date(2027, 4, 5))
    assert picker.notices == []


def test_it_shows_the_slots_of_the_day_in_their_parts():
    mentor = MentorFactory(weekly={1: [(11 * 60, 13 * 60), (17 * 60, 18 * 60)]})

    picker = picked(picker_context(mentor), day="2027-03-02")

    assert [
        (group["title"], [slot.text for slot in group["slots"]]) for group in picker.groups
    ] == [
        ("Morning", ["11:00", "11:30"]),
        ("Afternoon", ["12:00"]),
        ("Evening", ["17:00"]),
    ]
    assert picker.summary == "Tuesday 2 March, 4 free times"


def test_free_days_are_marked_and_lead_on():
    mentor = MentorFactory(weekly={2: [(9 * 60, 10 * 60)]})

    picker = picked(picker_context(mentor), month="2027-03")

    free = [day for week in picker.weeks for day in week if day.is_free]
    assert [day.number for day in free] == [3, 10, 17, 24, 31]
    assert [day.is_selected for day in free] == [True, False, False, False, False]
    assert query_of(free[1].href) == {"month": "2027-03", "day": "2027-03-10", "duration": "60"}
    assert free[1].label == "Wednesday 10 March 2027, 1 free time"
    others = [day for week in picker.weeks for day in week if not day.is_free]
    assert all(day.href is None for day in others)
    assert [day.number for day in others if day.is_today] == [1]


def test_every_month_is_as_tall():
    mentor = MentorFactory(horizon=180)
    months = ["2027-03", "2027-04", "2027-05", "2027-06", "2027-08"]

    heights = {len(picked(picker_context(mentor), month=month).weeks) for month in months}

    assert heights == {6}


def test_the_steps_between_months_end_where_nothing_can_be_booked():
    a_scene = picker_context(MentorFactory(horizon=40))

    first, last = picked(a_scene, month="2027-03"), picked(a_scene, month="2027-04")

    assert first.prev_href is None
    assert query_of(first.next_href or "") == {"month": "2027-04", "duration": "60"}
    assert query_of(last.prev_href or "") == {"month": "2027-03", "duration": "60"}
    assert last.next_href is None


@pytest.mark.parametrize(("month", "shown"), [("2020-01", "March 2027"), ("9999-12", "April 2027")])
def test_a_month_out_of_reach_gives_way_to_the_nearest(month, shown):
    picker = picked(picker_context(MentorFactory(horizon=40)), month=month)

    assert picker.title == shown
    assert picker.notices == ["Nothing can be booked in that month. This one is the nearest."]


def test_a_day_without_free_times_is_shown_as_it_is():
    mentor = MentorFactory(weekly={2: [(9 * 60, 10 * 60)]})

    picker = picked(picker_context(mentor), day="2027-03-05")

    assert (picker.day, picker.groups) == (date(2027, 3, 5), [])
    assert picker.summary == "Friday 5 March, no free times"


def test_a_month_without_free_times_leads_to_the_first_free_one():
    mentor = MentorFactory(horizon=60, notice=10_080 * 2, weekly={0: [(9 * 60, 10 * 60)]})
    a_scene = picker_context(mentor, now=datetime(2027, 3, 17, tzinfo=UTC))

    picker = picked(a_scene, month="2027-03")
    soonest = picked(a_scene, **query_of(picker.soonest_href))

    assert (picker.day, picker.is_all) == (None, False)
    assert picker.summary == "No free times in March 2027"
    assert soonest.day == date(2027, 4, 5)


def test_nothing_free_at_all_is_known_at_once():
    picker = picked(picker_context(MentorFactory(weekly={})))

    assert (picker.day, picker.free, picker.is_all) == (None, {}, True)


def test_lengths_are_those_the_mentor_offers_and_keep_the_day():
    mentor = MentorFactory(durations=[90, 30], weekly=EVERY_DAY_TO_ONE)

    picker = picked(picker_context(mentor), day="2027-03-03", start="2027-03-03T10:00Z")

    assert [(each.minutes, each.is_selected) for each in picker.choices] == [
        (30, True),
        (90, False),
    ]
    assert query_of(picker.choices[1].href) == {
        "month": "2027-03",
        "day": "2027-03-03",
        "duration": "90",
        "start": "2027-03-03T10:00Z",
    }


@pytest.mark.parametrize("duration", ["7", "120", "99999"])
def test_a_length_that_is_not_offered_gives_way_to_the_usual_one(duration):
    picker = picked(picker_context(MentorFactory(durations=[30, 60])), duration=duration)

    assert picker.duration == 60
    assert len(picker.notices) == 1


def test_an_asked_start_is_chosen():
    picker = picked(picker_context(MentorFactory()), start="2027-03-03T10:30Z", duration="30")

    assert picker.day == date(2027, 3, 3)
    assert picker.chosen == "Wednesday 3 March, 10:30, 30 minutes"
    assert picker.notices == []


@pytest.mark.parametrize("start", ["2027-03-03T10:05Z", "2027-03-03T03:00Z"])
def test_an_asked_start_that_is_not_free_is_said(start):
    picker = picked(picker_context(MentorFactory(weekly=EVERY_DAY_TO_ONE)), start=start)

    assert (picker.day, picker.chosen) == (date(2027, 3, 3), "")
    assert picker.notices == ["That time is not free. Please pick another one."]


def test_the_meetings_of_both_are_left_out():
    mentor, learner = MentorFactory(weekly={1: [(9 * 60, 12 * 60)]}), UserFactory()
    start = datetime(2027, 3, 2, 9, tzinfo=UTC)
    MeetingFactory(mentor=mentor.user, scheduled_at=start, duration=60)
    MeetingFactory(learner=learner, scheduled_at=start + timedelta(hours=2), duration=30)

    assert texts(picked(picker_context(mentor, learner), day="2027-03-02", duration="30")) == [
        "10:00",
        "10:30",
        "11:30",
    ]


def test_days_are_the_viewers_not_the_mentors():
    mentor = MentorFactory(
        user=UserFactory(timezone="Pacific/Kiritimati"), weekly={2: [(9 * 60, 10 * 60)]}
    )

    picker = picked(
        picker_context(mentor, UserFactory(timezone="America/Los_Angeles")), month="2027-03"
    )

    assert picker.day == date(2027, 3, 2)
    [slot] = picker.groups[0]["slots"]
    assert (slot.value, slot.text, slot.second) == ("2027-03-02T19:00Z", "11:00", "Wed 09:00")
    assert slot.label == (f"Tuesday 2 March, 11:00, 1 hour; Wed 09:00 for {mentor.user.short_name}")
    assert picker.has_second_clock


def test_the_same_clock_is_not_shown_twice():
    mentor = MentorFactory(user=UserFactory(timezone="Europe/Paris"))

    picker = picked(picker_context(mentor, UserFactory(timezone="Europe/Berlin")))

    assert not picker.has_second_clock


def test_hours_that_a_clock_change_skips_are_not_offered():
    berlin = {"timezone": "Europe/Berlin"}
    mentor = MentorFactory(user=UserFactory(**berlin), weekly={6: [(60, 4 * 60)]})

    picker = picked(picker_context(mentor, UserFactory(**berlin)), day="2027-03-28", duration="30")

    assert texts(picker) == ["01:00", "01:30", "03:00", "03:30"]


def test_a_day_that_lost_an_hour_has_fewer_slots():
    berliner = UserFactory(timezone="Europe/Berlin")

    day_before, day = (
        picked(picker_context(MentorFactory(), berliner), day=each, duration="30")
        for each in ("2027-03-27", "2027-03-28")
    )

    assert (len(texts(day_before)), len(texts(day))) == (48, 46)
    assert not [text for text in texts(day) if text.startswith("02:")]


def test_hours_that_come_twice_are_both_offered_and_told_apart():
    berlin = {"timezone": "Europe/Berlin"}
    mentor = MentorFactory(user=UserFactory(**berlin), weekly={6: [(2 * 60, 3 * 60)]})
    now = datetime(2027, 10, 20, tzinfo=UTC)

    picker = picked(
        picker_context(mentor, UserFactory(**berlin), now=now), day="2027-10-31", duration="30"
    )

    assert [(slot.value, slot.text) for slot in picker.groups[0]["slots"]] == [
        ("2027-10-31T00:00Z", "02:00 CEST"),
        ("2027-10-31T00:30Z", "02:30 CEST"),
        ("2027-10-31T01:00Z", "02:00 CET"),
        ("2027-10-31T01:30Z", "02:30 CET"),
    ]


def test_a_mentor_whose_clock_changes_by_half_an_hour():
    """Lord Howe goes from +11 to +10:30 at 02:00 on 2027-04-04, the viewer a week before."""
    mentor = MentorFactory(
        user=UserFactory(timezone="Australia/Lord_Howe"),
        weekly={6: [(60, 2 * 60 + 30)]},
        horizon=60,
    )
    berliner = UserFactory(timezone="Europe/Berlin")

    before = picked(picker_context(mentor, berliner), day="2027-03-27", duration="30")
    change = picked(picker_context(mentor, berliner), day="2027-04-03", duration="30")

    both = [
        [(slot.text, slot.second) for group in each.groups for slot in group["slots"]]
        for each in (before, change)
    ]
    assert both == [
        [("15:00", "Sun 01:00"), ("15:30", "Sun 01:30"), ("16:00", "Sun 02:00")],
        [
            ("16:00", "Sun 01:00"),
            ("16:30", "Sun 01:30 +11"),
            ("17:00", "Sun 01:30 +1030"),
            ("17:30", "Sun 02:00"),
        ],
    ]


def test_a_meeting_that_moves_keeps_its_length_and_its_place():
    mentor = MentorFactory(weekly={1: [(9 * 60, 12 * 60)]})
    start = datetime(2027, 3, 2, 9, tzinfo=UTC)
    meeting = MeetingFactory(mentor=mentor.user, scheduled_at=start, duration=90)

    picker = picked(
        picker_context(mentor, meeting.learner, moving=meeting), day="2027-03-02", duration="30"
    )

    assert picker.duration == 90
    assert picker.choices == []
    assert [
        (slot.text, slot.is_disabled) for group in picker.groups for slot in group["slots"]
    ] == [
        ("09:00", True),
        ("09:30", False),
        ("10:00", False),
        ("10:30", False),
    ]
    assert "duration" not in query_of(picker.soonest_href)


def test_times_instead_name_their_day():
    mentor = MentorFactory(user=UserFactory(timezone="Asia/Kolkata"))

    [slot] = alternative_slots(
        [MONDAY], picker_context(mentor, UserFactory(timezone="Europe/Berlin"))
    )

    assert (slot.value, slot.text, slot.second) == (
        "2027-03-01T12:00Z",
        "Mon 1 Mar, 13:00",
        "17:30",
    )


def test_a_month_takes_as_many_queries_with_history_as_without(django_assert_num_queries):
    mentor = MentorFactory()
    a_scene = picker_context(mentor)

    with django_assert_num_queries(5):
        picked(a_scene, month="2027-03")
    with django_assert_num_queries(5):
        picked(a_scene)


# On another clock


def test_another_zone_is_that_of_days_and_times_and_of_every_address():
    mentor = MentorFactory(weekly={1: [(22 * 60, 24 * 60)]})
    tokyo = ZoneInfo("Asia/Tokyo")
    a_scene = replace(picker_context(mentor), requested_zone=tokyo)

    picker = pick(a_scene, PickerQuery.of({"day": "2027-03-03"}, tokyo))

    assert (picker.day, texts(picker)) == (date(2027, 3, 3), ["07:00", "07:30", "08:00"])
    assert picker.groups[0]["slots"][0].second == "Tue 22:00"
    assert picker.groups[0]["slots"][0].value == "2027-03-02T22:00Z"
    assert query_of(picker.soonest_href)["tz"] == "Asia/Tokyo"
    assert all(query_of(choice.href)["tz"] == "Asia/Tokyo" for choice in picker.choices)


@pytest.mark.parametrize("told", ["Mars/Olympus", "", "../../etc/passwd"])
def test_a_zone_that_is_none_is_left_out(told):
    assert requested_zone({"tz": told}) is None
