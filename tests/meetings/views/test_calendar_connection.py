"""A connected calendar: what pages show of it, and disconnecting it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.calendars.connection import disconnect
from meetings.models import ExternalBusy
from tests.e2e.google.consenting import busy_at, go_through
from tests.e2e.google.faults import Fault
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon
from tests.meetings.matching import match_calendar

pytestmark = pytest.mark.django_db

CONNECT, DISCONNECT = (reverse(f"meetings:calendar_{name}") for name in ("connect", "disconnect"))
SETTINGS = reverse("accounts:settings")


@pytest.fixture
def mentor():
    return MentorFactory().user


@pytest.fixture
def visitor(client, mentor):
    client.force_login(mentor)
    return client


def test_disconnecting_asks_then_gives_back_and_forgets(google, visitor, mentor):
    google.account(google.consenting).busy.append(busy_at(soon(timezone.now())))
    go_through(visitor)
    token = CalendarConnection.objects.get().refresh_token
    meeting = MeetingFactory(mentor=mentor, scheduled_at=soon(timezone.now(), 24 * 60))
    assert match_calendar(meeting)

    asked = visitor.get(DISCONNECT)
    response = visitor.post(DISCONNECT, follow=True)

    assert "1 upcoming meeting is in that calendar" in asked.text
    assert "is no longer connected." in response.text
    assert google.revoked == [token]
    assert not CalendarConnection.objects.exists()
    assert not ExternalBusy.objects.exists()
    meeting.refresh_from_db()
    assert str(meeting.calendar_event.home) == f"google:sub-{google.consenting}"


@pytest.mark.parametrize("fault", [Fault("answer"), Fault("reset_before")])
def test_disconnecting_forgets_even_if_google_does_not_answer(google, visitor, fault):
    go_through(visitor)
    google.faults.keep("revoke", fault)

    response = visitor.post(DISCONNECT, follow=True)

    assert "Google did not confirm that it has ended our access" in response.text
    assert not CalendarConnection.objects.exists()


def test_disconnecting_what_has_ended_at_google_is_fine(google, visitor, mentor):
    go_through(visitor)
    google.end_consent(CalendarConnection.objects.get().refresh_token)

    assert disconnect(mentor)
    assert disconnect(mentor)


def test_disconnect_leads_to_settings_without_a_connection(visitor):
    assert visitor.get(DISCONNECT)["Location"] == SETTINGS


def test_a_token_that_no_key_opens_is_forgotten_all_the_same(google, visitor, mentor, settings):
    go_through(visitor)
    settings.ENCRYPTION_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]

    assert not disconnect(mentor)
    assert not CalendarConnection.objects.exists()


def test_events_wait_while_no_key_opens_the_token(google, visitor, mentor, settings):
    go_through(visitor)
    keys = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    meeting = MeetingFactory(mentor=mentor, scheduled_at=soon(timezone.now(), 24 * 60))

    assert not match_calendar(meeting)
    told = meeting.calendar_event.error
    settings.ENCRYPTION_KEYS = keys

    assert told == "no key of ENCRYPTION_KEYS fits the stored token"
    assert CalendarConnection.objects.get().is_working
    assert match_calendar(meeting)


def test_a_site_without_google_says_so(visitor):
    assert "this site is not set up for it" in visitor.get(SETTINGS).text
    assert "Connect Google Calendar" not in visitor.get(SETTINGS).text
    assert "not set up on this site" in visitor.post(CONNECT, follow=True).text


def test_settings_offer_to_connect(google, visitor):
    assert "Connect Google Calendar" in visitor.get(SETTINGS).text
    assert "Who books you meets you on Google Meet." not in visitor.get(SETTINGS).text

    assert "Who books you meets you on Google Meet." in go_through(visitor).text


def test_pages_say_when_a_calendar_was_last_asked(google, visitor, mentor):
    go_through(visitor)
    learner = Client()
    learner.force_login(UserFactory(timezone="UTC"))
    pages = [reverse(f"meetings:{name}", args=[mentor.pk]) for name in ("mentor", "book")]
    assert all("Not checked against" not in learner.get(each).text for each in pages)
    read_at = timezone.now() - timedelta(hours=2)
    CalendarConnection.objects.update(busy_read_at=read_at)

    old = [learner.get(each).text for each in pages]
    CalendarConnection.objects.update(busy_read_at=None)
    never = [learner.get(each).text for each in pages]

    name = mentor.short_name
    assert all(f"Not checked against {name}’s Google Calendar since" in text for text in old)
    assert all(f"{read_at:%H:%M}." in text for text in old)
    assert all(f"Not checked against {name}’s Google Calendar yet." in text for text in never)


def test_a_broken_connection_is_said_at_once_though_it_was_read_just_now(google, visitor, mentor):
    go_through(visitor)
    CalendarConnection.objects.update(broken_at=timezone.now())

    text = visitor.get(reverse("meetings:mentor", args=[mentor.pk])).text

    assert "Not checked against your own Google Calendar since" in text
