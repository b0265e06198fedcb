from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.test import TestCase

from accounts import clocks
from accounts.models import MentorProfile, User
from meetings.forms.availability import (
    DaysOffForm,
    ExtraHoursForm,
    TermsForm,
    WeeklyHoursForm,
)
from meetings.forms.hours import parse_range, split_at_midnight
from meetings.models import BookingRules, DayOff, ExtraHours, SessionType, WeeklyHours
from tests.factories import MentorFactory

TODAY = date(2027, 3, 1)
LATE = "The hours over midnight from Sunday reach into these: "


def typed(**days):
    """The POST data of the hours editor for day0=[("09:00", "12:00")], …"""
    data = QueryDict(mutable=True)
    for name, rows in days.items():
        data.setlist(f"{name}-from", [start for start, _end in rows])
        data.setlist(f"{name}-to", [end for _start, end in rows])
    return data


@pytest.mark.parametrize(
    ("row", "minutes"),
    [
        (("09:00", "12:15"), (540, 735)),
        (("00:00", "24:00"), (0, 1440)),
        (("22:00", "24:00"), (1320, 1440)),
        (("22:00", "00:00"), (1320, 1440)),
        (("22:00", "02:30"), (1320, 1590)),
    ],
)
def test_parse_range_reads_what_is_typed(row, minutes):
    assert parse_range(row) == minutes


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("09:00", ""), "both a start and an end"),
        (("", "09:00"), "both a start and an end"),
        (("09:00", "09:00"), "is empty"),
        (("24:00", "01:00"), "is empty"),
        (("09:05", "10:00"), "quarter of an hour"),
        (("9:00", "10:00"), "quarter of an hour"),
        (("nine", "<b>"), "quarter of an hour"),
    ],
)
def test_parse_range_refuses_what_makes_no_sense(row, reason):
    with pytest.raises(ValidationError, match=reason):
        parse_range(row)


def test_split_at_midnight():
    assert split_at_midnight((540, 1440)) == ((540, 1440), None)
    assert split_at_midnight((1320, 1590)) == ((1320, 1440), (0, 150))


def test_weekly_hours_go_over_midnight_and_round_the_week():
    form = WeeklyHoursForm(
        typed(day0=[("09:00", "12:00"), ("", ""), ("12:00", "13:00")], day6=[("23:00", "01:00")])
    )

    assert form.is_valid()
    assert form.cleaned_data["weekly"] == {
        0: [(540, 720), (720, 780), (0, 60)],
        6: [(1380, 1440)],
    }


@pytest.mark.parametrize(
    ("days", "wrong", "reason"),
    [
        (
            {"day1": [("09:00", "12:00"), ("11:00", "13:00")]},
            "day1",
            "09:00–12:00 and 11:00–13:00 overlap.",
        ),
        (
            {"day1": [("09:00", "12:00"), ("09:00", "12:00")]},
            "day1",
            "09:00–12:00 and 09:00–12:00 overlap.",
        ),
        (
            {"day2": [("10:00", "10:00")]},
            "day2",
            "10:00 to 10:00 is empty: a range ends after it starts.",
        ),
        (
            {"day6": [("22:00", "02:00")], "day0": [("01:00", "03:00")]},
            "day0",
            LATE + "00:00–02:00 and 01:00–03:00 overlap.",
        ),
    ],
)
def test_weekly_hours_say_beside_the_day_what_is_wrong(days, wrong, reason):
    form = WeeklyHoursForm(typed(**days))

    assert form.errors == {wrong: [reason]}


def test_hours_that_overlap_are_told_on_the_clock_of_the_reader():
    days = {"day1": [("09:00", "12:00"), ("11:00", "24:00")]}

    with clocks.override("12"):
        errors = dict(WeeklyHoursForm(typed(**days)).errors)

    assert errors == {"day1": ["9:00 AM–12:00 PM and 11:00 AM–12:00 AM overlap."]}


def test_weekly_hours_keep_what_was_typed():
    form = WeeklyHoursForm(typed(day1=[("09:00", "12:00"), ("11:05", "")]))

    page = str(form["day1"])

    assert '<option value="09:00" selected>09:00</option>' in page
    assert '<option value="11:05" selected>11:05</option>' in page


def test_reshaped_adds_a_row_and_copies_monday():
    data = typed(day0=[("09:00", "12:00"), ("", "")], day5=[("10:00", "11:00")])

    data["add"] = "5"
    added = WeeklyHoursForm.reshaped(data)
    del data["add"]
    data["copy"] = "1"
    copied = WeeklyHoursForm.reshaped(data)

    assert added.initial["day5"] == [("10:00", "11:00"), ("", "")]
    assert added.initial["day0"] == [("09:00", "12:00"), ("", "")]
    assert copied.initial["day4"] == [("09:00", "12:00"), ("", "")]
    assert copied.initial["day5"] == [("10:00", "11:00")]


@pytest.mark.django_db
def test_weekly_hours_replace_the_stored_ones():
    mentor = MentorFactory(weekly={3: [(0, 60)]})
    form = WeeklyHoursForm(typed(day0=[("13:00", "14:00"), ("09:00", "12:00")]))

    assert form.is_valid()
    form.save(mentor.user)

    rows = WeeklyHours.objects.filter(mentor=mentor.user)
    assert [(row.weekday, *row.minutes) for row in rows] == [(0, 540, 720), (0, 780, 840)]
    shown = WeeklyHoursForm.of(rows).initial
    assert shown["day0"] == [("09:00", "12:00"), ("13:00", "14:00"), ("", "")]
    assert shown["day3"] == [("", "")]


TERMS = {
    "durations": ["120", "30", "30"],
    "step": "15",
    "notice": "0",
    "gap_after": "45",
    "horizon": "180",
}


def terms_form(mentor, **changes):
    """TERMS with these changes, as a mentor sends them."""
    return TermsForm(
        TERMS | changes, instance=mentor.booking_rules, session_type=mentor.session_types.get()
    )


@pytest.mark.django_db
def test_terms_are_stored_and_nothing_else_is():
    profile = MentorFactory(rating_sum=4, rating_count=1)
    stale = User.objects.select_related("mentor_profile").get(pk=profile.pk)
    MentorProfile.objects.filter(pk=profile.pk).update(rating_sum=9, rating_count=2)
    SessionType.objects.update(title="Pairing", notice=30)
    before = BookingRules.objects.values().get()

    with TestCase.captureOnCommitCallbacks(execute=True):
        form = terms_form(stale)
        assert form.is_valid()
        form.save()

    profile.refresh_from_db()
    session_type = SessionType.objects.get()
    changes = {"step": 15, "notice": 0, "gap_after": 45, "horizon": 180}
    assert BookingRules.objects.values().get() == before | changes
    assert session_type.durations == [30, 120]
    assert (session_type.title, session_type.notice) == ("Pairing", 30)
    assert (profile.rating_sum, profile.rating_count) == (9, 2)
    assert profile.next_free_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("durations", []),
        ("durations", ["45"]),
        ("durations", ["x"]),
        ("step", "20"),
        ("notice", "-1"),
        ("notice", "7"),
        ("gap_after", "10"),
        ("horizon", "0"),
        ("horizon", "181"),
        ("horizon", ""),
        ("horizon", "a month"),
    ],
)
def test_terms_refuse_what_is_not_offered(field, value):
    form = terms_form(MentorFactory().user, **{field: value})

    assert list(form.errors) == [field]


@pytest.mark.django_db
def test_terms_that_nobody_could_meet_are_refused():
    form = terms_form(MentorFactory().user, notice="10080", horizon="7")

    assert list(form.errors) == ["horizon"]


@pytest.mark.django_db
def test_days_off_of_one_day_and_of_several():
    mentor = MentorFactory().user
    for data in (
        {"first_day": "2027-03-05", "last_day": ""},
        {"first_day": "2027-02-20", "last_day": "2027-03-01"},
    ):
        form = DaysOffForm(data, today=TODAY)
        assert form.is_valid()
        form.save(mentor)

    assert [(off.first_day, off.last_day) for off in DayOff.objects.all()] == [
        (date(2027, 2, 20), date(2027, 3, 1)),
        (date(2027, 3, 5), date(2027, 3, 5)),
    ]


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({}, "first_day"),
        ({"first_day": "2027-02-30"}, "first_day"),
        ({"first_day": "2027-02-27"}, "first_day"),
        ({"first_day": "9999-12-31"}, "first_day"),
        ({"first_day": "2027-03-05", "last_day": "soon"}, "last_day"),
        ({"first_day": "2027-03-05", "last_day": "2027-03-04"}, "last_day"),
        ({"first_day": "2027-02-20", "last_day": "2027-02-28"}, "last_day"),
        ({"first_day": "2027-03-05", "last_day": "9999-12-31"}, "last_day"),
    ],
)
def test_days_off_refuse_days_that_make_no_sense(data, wrong):
    assert list(DaysOffForm(data, today=TODAY).errors) == [wrong]


@pytest.mark.django_db
def test_extra_hours_go_over_midnight():
    mentor = MentorFactory().user
    form = ExtraHoursForm({"day": "2027-03-05", "starts": "22:00", "ends": "01:00"}, today=TODAY)

    assert form.is_valid()
    assert form.save(mentor)

    assert [(hours.day, *hours.minutes) for hours in ExtraHours.objects.all()] == [
        (date(2027, 3, 5), 1320, 1440),
        (date(2027, 3, 6), 0, 60),
    ]


@pytest.mark.django_db
def test_extra_hours_that_overlap_on_the_next_day_store_nothing():
    mentor = MentorFactory().user
    ExtraHours.objects.create(mentor=mentor, day=date(2027, 3, 6), starts=30, ends=90)
    form = ExtraHoursForm({"day": "2027-03-05", "starts": "22:00", "ends": "01:00"}, today=TODAY)

    assert form.is_valid()
    assert not form.save(mentor)

    assert form.errors == {"ends": ["00:00–01:00 and 00:30–01:30 overlap."]}
    assert ExtraHours.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"day": ""}, "day"),
        ({"day": str(TODAY - timedelta(days=1))}, "day"),
        ({"day": "9999-12-31"}, "day"),
        ({"starts": "09:05"}, "starts"),
        ({"ends": ""}, "ends"),
        ({"ends": "09:00"}, "ends"),
    ],
)
def test_extra_hours_refuse_what_makes_no_sense(change, wrong):
    data = {"day": "2027-03-05", "starts": "09:00", "ends": "10:00"} | change

    assert list(ExtraHoursForm(data, today=TODAY).errors) == [wrong]
