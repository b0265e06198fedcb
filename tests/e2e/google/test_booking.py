"""Bookings with an event in Google: their statements, and what they leave to the worker when
Google is slow."""

import re
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.booking.book import book
from meetings.calendars.homes import LOCAL
from meetings.integrations.background import run_bounded
from meetings.models import CalendarEvent
from meetings.models.claims import LEASE
from tests.e2e.google.connections import connect
from tests.e2e.google.events import MENTOR
from tests.e2e.google.faults import Fault
from tests.factories import MONDAY, MentorFactory, UserFactory
from tests.meetings.test_statements import counted

pytestmark = pytest.mark.django_db(transaction=True)

NOW = MONDAY - timedelta(days=3)
MOMENT = timedelta(milliseconds=50)
# Verb and table of a statement, in SQL and as Django logs MongoDB's.
SQL = re.compile(r"(INSERT|UPDATE|DELETE|SELECT)\b(?:.*? (?:INTO|FROM))? \W?(\w+)")
MONGO = re.compile(r"db\.(?P<table>\w+)\.(?P<verb>[a-z]+)")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def platform(google, settings):
    """The platform's account, whose calendar has the events."""
    settings.GOOGLE_REFRESH_TOKEN = google.consent(MENTOR, " ".join(settings.GOOGLE_SCOPES))
    return google.account(MENTOR)


@pytest.fixture
def gate():
    opened = Event()
    yield opened
    opened.set()


@pytest.fixture
def people():
    """A mentor, and who books them."""
    return MentorFactory().user, UserFactory()


def booked(people):
    mentor, learner = people
    return book(mentor_id=mentor.pk, learner=learner, subject="Loops", start=MONDAY, duration=60)


def done_with(table, found):
    """The statements on that table, in order: ["INSERT", "UPDATE"]."""
    named = [match.groups() for sql in found if (match := SQL.match(sql))]
    shown = [match.group("verb", "table") for sql in found if (match := MONGO.match(sql))]
    verbs = [verb.upper() for verb, name in named + shown if name == table]
    return ["SELECT" if verb == "AGGREGATE" else verb for verb in verbs]


def test_a_booking_claims_its_event_in_the_insert_without_another_read(platform, settings, people):
    settings.CALENDAR_WAIT = timedelta(seconds=20)

    with counted() as found:
        meeting = booked(people)
        link, event = meeting.meeting_link, meeting.calendar_event
        is_behind = event.is_behind

    assert done_with("meetings_calendarevent", found) == ["INSERT", "UPDATE"]
    # Before the INSERT, the learner's meetings are counted.
    assert done_with("meetings_meeting", found) == ["SELECT", "INSERT", "UPDATE"]
    assert link == platform.live()[0]["hangoutLink"]
    assert (event.external_id, is_behind) == (meeting.calendar_uid, False)
    stored = CalendarEvent.objects.get()
    assert (stored.lease, stored.due_at, stored.synced) == (None, None, 1)
    assert stored.meeting.meeting_link == link


def test_an_event_that_no_thread_could_begin_is_due_immediately(platform, settings, people, gate):
    """All threads that could do it hang, so the worker need not wait for a lease."""
    settings.CALENDAR_WAIT = MOMENT
    hanging = []

    def hang():
        hanging.append(1)
        gate.wait()

    while len(hanging) < 8:
        run_bounded(hang, wait=MOMENT)

    meeting = booked(people)

    assert meeting.meeting_link == ""
    assert platform.live() == []
    assert list(CalendarEvent.objects.due(timezone.now())) == [meeting.calendar_event]


def test_without_a_calendar_wait_the_event_is_not_claimed(platform, settings, people):
    settings.CALENDAR_WAIT = timedelta()

    meeting = booked(people)

    event = CalendarEvent.objects.get()
    assert (event.lease, event.due_at) == (None, NOW)
    assert meeting.calendar_event == event


def test_the_claim_of_a_booking_has_the_usual_lease(platform, settings, people, google):
    """While a request to Google is open, no other process makes the event."""
    settings.CALENDAR_WAIT = timedelta(seconds=20)
    seen = []

    def look():
        seen.append(CalendarEvent.objects.values_list("lease", "due_at").get())

    def meanwhile():
        assert run_bounded(look, wait=timedelta(seconds=20))

    google.faults.add("events.insert", Fault("meanwhile_before", act=meanwhile))

    booked(people)

    assert seen == [(NOW + LEASE, NOW + LEASE)]


def test_a_booking_gets_a_room_though_the_consent_has_just_ended(google, settings, people):
    """The site learns of it when it reads the busy times; the booking must respect it already."""
    settings.CALENDAR_WAIT = timedelta(seconds=20)
    mentor, _learner = people
    connection = connect(google, mentor)
    CalendarConnection.objects.update(busy_read_at=NOW - timedelta(minutes=5))
    google.end_consent(connection.refresh_token)

    meeting = booked(people)

    assert meeting.calendar_event.home == LOCAL
    assert meeting.meeting_link
    assert CalendarConnection.objects.broken().exists()
