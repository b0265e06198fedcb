import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from meetings.models import BookingRules, DayOff, ExtraHours, Meeting, WeeklyHours
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/availability/"
NOW = MONDAY - timedelta(days=2)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mentor():
    return MentorFactory(user=UserFactory(timezone="Asia/Kathmandu"), weekly={0: [(540, 720)]})


@pytest.fixture
def page(client, mentor):
    client.force_login(mentor.user)
    return client


def hours(mentor):
    return [(row.weekday, *row.minutes) for row in WeeklyHours.objects.filter(mentor=mentor.user)]


def test_page_names_the_zone_and_shows_the_hours(page):
    response = page.get(URL)

    assert "All times on this page are in Asia/Kathmandu" in response.text
    assert response.context["hours_form"].initial["day0"] == [("09:00", "12:00"), ("", "")]
    assert "never touches meetings that are booked" in response.text


def test_hours_are_saved_and_next_free_follows(page, mentor, django_capture_on_commit_callbacks):
    data = {
        "action": "hours",
        "day1-from": ["22:00", ""],
        "day1-to": ["02:00", ""],
    }

    with django_capture_on_commit_callbacks(execute=True):
        response = page.post(URL, data, follow=True)

    assert hours(mentor) == [(1, 1320, 1440), (2, 0, 120)]
    assert "Your weekly hours are saved." in response.text
    mentor.refresh_from_db()
    # 22:00 on Tuesday in Kathmandu, which is 5:45 ahead.
    assert mentor.next_free_at == MONDAY.replace(hour=16, minute=15) + timedelta(days=1)


def test_wrong_hours_change_nothing_and_stay_as_typed(page, mentor):
    data = {
        "action": "hours",
        "day1-from": ["09:00", "10:00"],
        "day1-to": ["11:00", "12:00"],
    }

    response = page.post(URL, data)

    assert hours(mentor) == [(0, 540, 720)]
    assert "09:00–11:00 and 10:00–12:00 overlap." in response.text
    assert response.context["hours_form"]["day1"].value() == [
        ("09:00", "11:00"),
        ("10:00", "12:00"),
    ]


def test_a_row_more_saves_nothing_and_keeps_what_was_typed(page, mentor):
    data = {"action": "hours", "add": "1", "day1-from": ["09:00"], "day1-to": ["08:00"]}

    response = page.post(URL, data)

    assert hours(mentor) == [(0, 540, 720)]
    assert response.context["hours_form"]["day1"].value() == [("09:00", "08:00"), ("", "")]


def test_copying_monday_saves_nothing_yet(page, mentor):
    data = {"action": "hours", "copy": "1", "day0-from": ["09:00"], "day0-to": ["10:00"]}

    response = page.post(URL, data)

    assert hours(mentor) == [(0, 540, 720)]
    assert response.context["hours_form"]["day4"].value() == [("09:00", "10:00")]


def test_no_hours_at_all_are_fine(page, mentor):
    page.post(URL, {"action": "hours"})

    assert hours(mentor) == []


def test_terms_are_saved(page, mentor):
    data = {
        "action": "terms",
        "durations": ["60"],
        "step": "60",
        "notice": "1440",
        "gap_after": "15",
        "horizon": "14",
    }

    response = page.post(URL, data)

    assert response.status_code == 302
    rules = BookingRules.objects.get(mentor=mentor.user)
    assert (rules.step, rules.notice, rules.gap_after, rules.horizon) == (60, 1440, 15, 14)
    assert mentor.user.session_types.get().durations == [60]


def test_the_lengths_come_before_the_other_terms(page):
    form = page.get(URL).context["terms_form"]

    assert list(form.fields) == ["durations", "step", "notice", "gap_after", "horizon"]


def test_wrong_terms_come_back(page, mentor):
    response = page.post(URL, {"action": "terms", "horizon": "500"})

    assert set(response.context["terms_form"].errors) >= {"durations", "horizon"}
    assert BookingRules.objects.get(mentor=mentor.user).horizon == 30
    assert mentor.user.session_types.get().durations == [30, 60, 90, 120]


def test_days_off_and_extra_hours_come_and_go(page, mentor):
    page.post(URL, {"action": "add_days_off", "first_day": "2027-03-05"})
    page.post(
        URL,
        {"action": "add_extra_hours", "day": "2027-03-06", "starts": "10:00", "ends": "11:00"},
    )
    shown = page.get(URL)
    off, extra = DayOff.objects.get(), ExtraHours.objects.get()

    assert (off.mentor, off.first_day, off.last_day) == (
        mentor.user,
        date(2027, 3, 5),
        date(2027, 3, 5),
    )
    assert (extra.mentor, extra.label) == (mentor.user, "10:00-11:00")
    assert "Fri 5 Mar 2027" in shown.text
    assert "Sat 6 Mar 2027, 10:00-11:00" in shown.text

    page.post(URL, {"action": "remove_days_off", "id": off.pk})
    page.post(URL, {"action": "remove_extra_hours", "id": extra.pk})

    assert not DayOff.objects.exists()
    assert not ExtraHours.objects.exists()


def test_what_is_over_is_not_listed(page, mentor):
    DayOff.objects.create(mentor=mentor.user, first_day=date(2027, 1, 1), last_day=date(2027, 1, 2))
    ExtraHours.objects.create(mentor=mentor.user, day=date(2027, 1, 2), starts=0, ends=60)

    response = page.get(URL)

    assert not response.context["days_off"]
    assert not response.context["extra_hours"]


@pytest.mark.parametrize(
    "data",
    [
        {"action": "add_days_off", "first_day": "never"},
        {"action": "add_days_off", "first_day": "2027-03-05", "last_day": "2027-03-04"},
        {"action": "add_extra_hours", "day": "2027-03-06", "starts": "10:00", "ends": "10:00"},
        {"action": "add_extra_hours"},
    ],
)
def test_wrong_exceptions_come_back(page, data):
    response = page.post(URL, data)

    assert response.status_code == 200
    assert "invalid-feedback" in response.text
    assert not DayOff.objects.exists()
    assert not ExtraHours.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"action": "destroy"},
        {"action": "remove_days_off"},
        {"action": "remove_days_off", "id": "7"},
        {"action": "remove_extra_hours", "id": "x"},
    ],
)
def test_what_no_form_of_the_page_sends_is_refused(page, data):
    assert page.post(URL, data).status_code == 400


def test_nobody_removes_what_belongs_to_another(page):
    other = MentorFactory().user
    off = DayOff.objects.create(mentor=other, first_day=date(2027, 3, 5), last_day=date(2027, 3, 5))
    extra = ExtraHours.objects.create(mentor=other, day=date(2027, 3, 5), starts=0, ends=60)

    page.post(URL, {"action": "remove_days_off", "id": off.pk})
    page.post(URL, {"action": "remove_extra_hours", "id": extra.pk})
    page.post(URL, {"action": "remove_extra_hours", "id": uuid.uuid4()})

    assert DayOff.objects.get() == off
    assert ExtraHours.objects.get() == extra


def test_meetings_stay_when_the_hours_go(page, mentor):
    meeting = MeetingFactory(mentor=mentor.user, scheduled_at=MONDAY)

    response = page.post(URL, {"action": "hours"}, follow=True)

    assert Meeting.objects.get() == meeting
    assert "1 upcoming meeting lies outside these hours." in response.text


def test_who_is_no_mentor_is_led_to_become_one(client):
    client.force_login(UserFactory())

    shown = client.get(URL)
    sent = client.post(URL, {"action": "hours", "day0-from": ["09:00"], "day0-to": ["10:00"]})

    assert shown.status_code == 200
    assert reverse("accounts:mentor_profile") in shown.text
    assert sent["Location"] == reverse("accounts:mentor_profile")
    assert not WeeklyHours.objects.exists()


def test_strangers_log_in_first_and_forms_carry_their_token(client, mentor):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mentor.user)

    assert client.get(URL)["Location"].startswith(reverse("account_login"))
    assert strict.post(URL, {"action": "hours"}).status_code == 403
    assert hours(mentor) == [(0, 540, 720)]


@pytest.mark.parametrize("meetings", [1, 20])
def test_page_asks_the_same_for_few_and_for_many(page, mentor, meetings, django_assert_num_queries):
    for n in range(meetings):
        MeetingFactory(mentor=mentor.user, scheduled_at=MONDAY + timedelta(days=n))
        first = date(2027, 4, 1) + timedelta(days=n)
        DayOff.objects.create(mentor=mentor.user, first_day=first, last_day=first)
        ExtraHours.objects.create(mentor=mentor.user, day=first, starts=0, ends=60)

    with django_assert_num_queries(10):
        page.get(URL)


def test_hours_are_offered_on_the_mentor_s_clock(client):
    mentor = MentorFactory(user=UserFactory(clock="12"), weekly={0: [(570, 1440)]})
    client.force_login(mentor.user)

    page = client.get(reverse("meetings:availability")).text

    assert '<option value="09:30" selected>9:30 AM</option>' in page
    assert '<option value="24:00" selected>12:00 AM</option>' in page
