import re
import uuid
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import CalendarConnection
from meetings.booking import lifecycle
from meetings.domain.policy import Status
from meetings.models import BusyCell, Meeting
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.views.pages import words_of

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _two_days_before():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mentor():
    return MentorFactory(user__name="Ada Byron")


@pytest.fixture
def learner(client):
    person = UserFactory()
    client.force_login(person)
    return person


def address(mentor, query=""):
    return reverse("meetings:book", args=[mentor.pk]) + query


def filled(**changes):
    fields = {
        "start": "2027-03-01T12:00Z",
        "duration": "60",
        "subject": "Loops & <b>knots</b>",
        "description": "From the start",
        "form_key": str(uuid.uuid4()),
    }
    return {**fields, **changes}


def is_kept(response):
    page = response.content.decode()
    return "Loops &amp; &lt;b&gt;knots&lt;/b&gt;" in page and "From the start" in page


# Looking


def test_whoever_is_not_logged_in_comes_back_to_the_same_choice(mentor):
    url = address(mentor, "?day=2027-03-02&duration=30&start=2027-03-02T12%3A00Z")

    response = Client().get(url)

    assert (response.status_code, response["Location"]) == (
        302,
        f"{reverse('account_login')}?next={quote(url)}",
    )


def test_the_page_shows_whom_when_and_where(client, learner, mentor):
    response = client.get(address(mentor))

    page = words_of(response)
    assert response.status_code == 200
    assert "Book a session with Ada Byron" in page
    assert mentor.headline in page
    assert "Saturday 27 February" in page
    assert "You meet in a video room on meet.jit.si" in page
    assert "Book session" in page
    assert "Google Meet" not in page


def test_a_month_shows_its_own_days_alone(client, learner, mentor):
    page = client.get(address(mentor, "?month=2027-03")).content.decode()

    days = re.findall(r'class="calendar__day[^>]*>(\d+)<', page)
    assert days == [str(day) for day in range(1, 32)]


def test_a_mentor_without_any_free_time_is_named(client, learner):
    mentor = MentorFactory(user__name="Ada Byron", weekly={})

    page = words_of(client.get(address(mentor)))

    assert "Ada has no free times for 1 hour at the moment." in page


def test_the_mentors_own_room_is_promised_but_not_told(client, learner):
    mentor = MentorFactory(user__name="Ada Byron", room_url="https://rooms.example.com/secret")

    page = words_of(client.get(address(mentor)))

    assert "You meet in Ada’s own video room" in page
    assert "rooms.example.com" not in page


def test_google_meet_is_promised_where_it_comes_from(client, learner, mentor):
    connection = CalendarConnection(user=mentor.user, google_id="1", connected_at=NOW)
    connection.refresh_token = "a token"
    connection.save()

    page = words_of(client.get(address(mentor)))

    assert "Book Session with Google Meet" in page
    assert "video room" not in page


@pytest.mark.parametrize(
    "query",
    [
        "?month=banana",
        "?month=9999-99",
        "?day=2026-02-31",
        "?day=9999-12-31",
        "?duration=7",
        "?duration=-1",
        "?duration=60&duration=30",
        "?start=2027-03-01T12:00",
        "?start=soon",
        "?start=0001-01-01T00:00%2B14:00",
        "?month=&day=&duration=&start=",
    ],
)
def test_an_address_that_makes_no_sense_still_leads_somewhere(client, learner, mentor, query):
    response = client.get(address(mentor, query))

    assert response.status_code == 200
    assert b'name="start"' in response.content


def test_a_choice_in_the_address_is_made(client, learner, mentor):
    response = client.get(address(mentor, "?duration=90&start=2027-03-03T12:30:00%2B01:00"))

    picker = response.context["picker"]
    assert (picker.duration, picker.chosen) == (90, "Wednesday 3 March, 11:30, 1.5 hours")


def test_htmx_gets_the_same_page_to_take_its_part_from(client, learner, mentor):
    url = address(mentor, "?month=2027-03")

    plain, part = client.get(url), client.get(url, headers=HTMX)

    starts = r'value="\d{4}-[^"]*Z"'
    assert re.findall(starts, plain.text) == re.findall(starts, part.text)
    assert part.text.lstrip().startswith("<!DOCTYPE html>")
    assert 'hx-select="#picker"' in part.text


@pytest.mark.parametrize("gone", ["unlisted", "inactive", "no mentor", "nobody"])
def test_who_cannot_be_booked_is_not_there(client, learner, mentor, gone):
    if gone == "unlisted":
        type(mentor).objects.update(is_listed=False)
    elif gone == "inactive":
        type(mentor.user).objects.filter(pk=mentor.pk).update(is_active=False)
    pk = {"no mentor": learner.pk, "nobody": uuid.uuid4()}.get(gone, mentor.pk)
    url = reverse("meetings:book", args=[pk])

    assert (client.get(url).status_code, client.post(url, filled()).status_code) == (404, 404)
    assert not Meeting.objects.exists()


def test_nobody_books_themselves(client, mentor):
    client.force_login(mentor.user)

    looked, sent = client.get(address(mentor)), client.post(address(mentor), filled())

    assert (looked.status_code, sent.status_code) == (200, 409)
    for response in (looked, sent):
        assert "This is your own booking page" in words_of(response)
        assert b'name="subject"' not in response.content
    assert not Meeting.objects.exists()


def test_looking_changes_nothing(client, learner, mentor):
    client.get(address(mentor, "?start=2027-03-01T12:00Z&duration=60&subject=x"))

    assert not Meeting.objects.exists()
    assert not BusyCell.objects.exists()


def past_meetings(mentor, learner, count):
    start = NOW - timedelta(days=1)
    Meeting.objects.bulk_create(
        Meeting(
            mentor=mentor.user,
            learner=learner,
            subject="Long ago",
            scheduled_at=start - n * timedelta(hours=2),
            ends_at=start - n * timedelta(hours=2) + timedelta(hours=1),
            duration=60,
            status=Status.COMPLETED,
        )
        for n in range(1, count + 1)
    )


@pytest.mark.parametrize("past", [0, pytest.param(20_000, marks=pytest.mark.slow)])
def test_the_page_takes_eight_queries_whatever_has_been(
    client, learner, mentor, past, django_assert_num_queries
):
    past_meetings(mentor, learner, past)

    with django_assert_num_queries(8):
        client.get(address(mentor, "?month=2027-03"))


# Booking


def test_booking_leads_to_the_meeting(client, learner, mentor):
    response = client.post(address(mentor), filled())

    meeting = Meeting.objects.get()
    assert (response.status_code, response["Location"]) == (
        303,
        f"{meeting.get_absolute_url()}?booked=1",
    )
    assert (meeting.mentor, meeting.learner) == (mentor.user, learner)
    assert (meeting.scheduled_at, meeting.duration) == (MONDAY, 60)
    assert (meeting.subject, meeting.description) == ("Loops & <b>knots</b>", "From the start")


def test_the_page_after_it_says_what_was_booked(client, learner, mentor):
    response = client.post(address(mentor), filled(), follow=True)

    assert "Your session is booked" in words_of(response)


@pytest.mark.django_db(transaction=True)
def test_htmx_gets_a_dialog_at_the_meetings_address(client, learner, mentor):
    response = client.post(address(mentor), filled(), headers=HTMX)

    meeting = Meeting.objects.get()
    page = words_of(response)
    assert response.status_code == 200
    assert (response["HX-Retarget"], response["HX-Reswap"], response["HX-Replace-Url"]) == (
        "#modal",
        "innerHTML",
        meeting.get_absolute_url(),
    )
    assert response.text.count("<dialog") == 1
    assert f'data-confetti="{meeting.pk}"' in response.text
    assert f'value="http://127.0.0.1:8000{meeting.join_path}"' in response.text
    assert "https://calendar.google.com/calendar/render?" in response.text
    assert reverse("meetings:ics", args=[meeting.pk]) in response.text
    assert reverse("meetings:dashboard") in response.text
    assert "Loops &amp; &lt;b&gt;knots&lt;/b&gt;" in response.text
    assert "Ada Byron" in page
    assert "Monday 1 March 2027" in page
    assert "1 hour" in page
    assert "Video room on meet.jit.si" in page


def test_the_dialog_waits_for_a_room_that_is_still_being_made(calendar, client, learner, mentor):
    response = client.post(address(mentor), filled(), headers=HTMX)

    meeting = Meeting.objects.get()
    assert meeting.meeting_link == ""
    assert "The room is being made" in words_of(response)
    assert f'hx-get="{reverse("meetings:link", args=[meeting.pk])}"' in response.text


def test_the_dialog_tells_the_mentors_time_where_it_differs(client, learner):
    mentor = MentorFactory(
        user=UserFactory(name="Kai Lord", timezone="Australia/Lord_Howe"), horizon=60
    )

    response = client.post(address(mentor), filled(), headers=HTMX)

    assert "For Kai: Mon 1 Mar, 23:00 – 00:00, Australia/Lord Howe" in words_of(response)


def test_a_form_sent_twice_books_once(client, learner, mentor):
    form = filled()

    first, second = client.post(address(mentor), form), client.post(address(mentor), form)

    assert Meeting.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_form_sent_again_after_the_meeting_was_called_off_celebrates_nothing(
    client, learner, mentor
):
    form = filled()
    client.post(address(mentor), form)
    meeting = Meeting.objects.get()
    lifecycle.cancel(meeting, by=learner)

    plain = client.post(address(mentor), form)
    part = client.post(address(mentor), form, headers=HTMX)

    assert plain["Location"] == part["HX-Redirect"] == meeting.get_absolute_url()


# What goes wrong


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_not_filled_in_well_comes_back_as_it_was(client, learner, mentor, headers):
    form = filled(subject="", start="2027-03-03T12:30Z", duration="90")

    response = client.post(address(mentor), form, headers=headers)

    picker = response.context["picker"]
    subject = re.search(r'<input[^>]*name="subject"[^>]*>', response.text)
    assert response.status_code == 422
    assert "Please say what the session is about." in words_of(response)
    assert subject is not None
    assert 'aria-invalid="true"' in subject[0]
    assert 'aria-describedby="id_subject_error"' in subject[0]
    assert 'id="id_subject_error"' in response.text
    assert "From the start" in response.text
    assert (picker.duration, picker.chosen) == (90, "Wednesday 3 March, 12:30, 1.5 hours")
    assert f'value="{form["form_key"]}"' in response.text


def test_htmx_gets_the_form_alone_back(client, learner, mentor):
    response = client.post(address(mentor), filled(subject=""), headers=HTMX)

    assert "<html" not in response.text
    assert response.text.count('id="booking"') == 1


@pytest.mark.parametrize(
    ("start", "complaint"),
    [
        ("", "Please pick a time."),
        ("2027-03-01T12:00", "That time lacks its offset from UTC."),
        ("noon", "That is not a time."),
    ],
)
def test_a_start_that_is_none_is_said_beside_the_times(client, learner, mentor, start, complaint):
    response = client.post(address(mentor), filled(start=start, day="2027-03-02"))

    assert response.status_code == 422
    assert complaint in words_of(response)
    assert 'aria-describedby="start_error"' in response.text
    assert response.context["picker"].day_text == "Tuesday 2 March"
    assert is_kept(response)
    assert not Meeting.objects.exists()


def test_a_local_time_that_does_not_exist_cannot_be_sent(client, mentor):
    client.force_login(UserFactory(timezone="Europe/Berlin"))

    response = client.post(address(mentor), filled(start="2027-03-28T02:30"))

    assert response.status_code == 422
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_slot_taken_meanwhile_offers_the_nearest(client, learner, mentor, headers):
    MeetingFactory(mentor=mentor.user, scheduled_at=MONDAY, duration=60)

    response = client.post(address(mentor), filled(), headers=headers)

    assert response.status_code == 409
    assert "That time has just been taken. Please pick another one." in words_of(response)
    assert re.findall(r'name="instead"\s+value="([^"]*)"', response.text) == [
        "2027-03-01T10:30Z",
        "2027-03-01T11:00Z",
        "2027-03-01T13:00Z",
    ]
    assert is_kept(response)
    assert response.context["picker"].day_text == "Monday 1 March"


def test_a_nearest_time_is_booked_with_one_press(client, learner, mentor):
    MeetingFactory(mentor=mentor.user, scheduled_at=MONDAY, duration=60)

    response = client.post(address(mentor), filled(instead="2027-03-01T13:00Z"))

    meeting = Meeting.objects.get(learner=learner)
    assert response.status_code == 303
    assert meeting.scheduled_at == MONDAY + timedelta(hours=1)


def test_a_nearest_time_stays_chosen_where_the_rest_is_not_right(client, learner, mentor):
    response = client.post(address(mentor), filled(instead="2027-03-01T13:00Z", subject=" "))

    assert response.status_code == 422
    assert response.context["picker"].chosen == "Monday 1 March, 13:00, 1 hour"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"duration": "90"}, "This mentor does not offer meetings of that length."),
        ({"start": "2027-03-01T12:05Z"}, "Times are on the quarter of an hour"),
        ({"start": "2027-02-27T11:00Z"}, "That time is too soon for this mentor."),
        ({"start": "2028-02-27T11:00Z"}, "further ahead than this mentor plans"),
        ({"start": "2027-03-01T03:00Z"}, "The mentor does not offer that time."),
    ],
)
def test_what_the_mentor_does_not_offer_is_refused(client, learner, changes, complaint):
    mentor = MentorFactory(durations=[60], weekly={day: [(540, 1020)] for day in range(7)})

    response = client.post(address(mentor), filled(**changes))

    assert response.status_code == 409
    assert complaint in words_of(response)
    assert is_kept(response)
    assert not Meeting.objects.exists()


def test_another_meeting_of_ones_own_is_named_as_the_reason(client, learner, mentor):
    MeetingFactory(learner=learner, scheduled_at=MONDAY)

    response = client.post(address(mentor), filled())

    assert response.status_code == 409
    assert "You are busy at that time." in words_of(response)


def test_too_many_upcoming_meetings_are_refused(client, learner, mentor, settings):
    settings.UPCOMING_MEETINGS_LIMIT = 1
    MeetingFactory(learner=learner, scheduled_at=MONDAY + timedelta(days=1))

    response = client.post(address(mentor), filled())

    assert response.status_code == 409
    assert "You have 1 upcoming meetings" in words_of(response)
    assert is_kept(response)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_too_many_bookings_at_once_have_to_wait(client, learner, mentor, settings, headers):
    settings.ACCOUNT_RATE_LIMITS = {"book": "1/m/user"}
    client.post(address(mentor), filled())

    response = client.post(address(mentor), filled(start="2027-03-02T12:00Z"), headers=headers)

    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "Please wait a minute" in words_of(response)
    assert is_kept(response)
    assert response.context["picker"].chosen == "Tuesday 2 March, 12:00, 1 hour"
    assert Meeting.objects.count() == 1


def test_a_limit_is_each_persons_own(client, learner, mentor, settings):
    settings.ACCOUNT_RATE_LIMITS = {"book": "1/m/user"}
    client.post(address(mentor), filled())
    other = Client()
    other.force_login(UserFactory())

    response = other.post(address(mentor), filled(start="2027-03-02T12:00Z"))

    assert response.status_code == 303


@pytest.mark.parametrize("field", ["form_key", "duration"])
def test_what_the_page_itself_fills_in_must_be_there(client, learner, mentor, field):
    response = client.post(address(mentor), filled(**{field: "rubbish"}))

    assert response.status_code == 422
    assert response.context["form"].refusals != []
    assert "rubbish" not in response.text


def test_a_day_of_a_clock_change_can_be_booked_to_its_end(client, mentor):
    client.force_login(UserFactory(timezone="Europe/Berlin"))
    free = client.get(address(mentor, "?day=2027-03-28&duration=30")).context["picker"].free
    last = free[date(2027, 3, 28)][-1].start

    response = client.post(address(mentor), filled(start=last.isoformat(), duration="30"))

    assert last == datetime(2027, 3, 28, 21, 30, tzinfo=UTC)
    assert response.status_code == 303


def test_other_verbs_are_refused(client, learner, mentor):
    assert client.put(address(mentor)).status_code == 405
