"""Which calendar an event is in, and what happens to it when a consent ends."""

import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.booking import lifecycle
from meetings.calendars.homes import LOCAL, PLATFORM, home_for, home_of
from meetings.integrations.background import run_bounded
from meetings.models import Notification
from meetings.tasks import bring_calendars_up
from tests.e2e.google.connections import connect
from tests.e2e.google.events import MENTOR
from tests.e2e.google.faults import Fault
from tests.factories import MONDAY, MeetingFactory, MentorFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def platform(google, settings):
    settings.GOOGLE_REFRESH_TOKEN = google.consent(MENTOR, " ".join(settings.GOOGLE_SCOPES))
    return google.account(MENTOR)


@pytest.fixture
def mentor():
    return MentorFactory().user


def test_the_mentors_own_calendar_comes_first(google, platform, mentor):
    connection = connect(google, mentor)

    assert home_for(mentor) == home_of(connection)

    connection.broken_at = NOW
    assert home_for(mentor) == PLATFORM


def test_without_any_account_it_is_local(mentor, settings):
    settings.GOOGLE_REFRESH_TOKEN = ""

    assert home_for(mentor) == LOCAL


def test_an_event_stays_where_it_was_made(google, platform, mentor):
    meeting = MeetingFactory(mentor=mentor)
    bring_calendars_up(NOW)
    connection = connect(google, mentor)

    meeting.refresh_from_db()
    lifecycle.reschedule(meeting, to=MONDAY + timedelta(hours=2), by=mentor, now=NOW)
    bring_calendars_up(NOW)

    assert list(platform.events) == [meeting.calendar_uid]
    assert google.account(connection.google_email).events == {}


def test_an_ended_consent_parks_the_work_and_its_owner_is_told_once(google, mentor, clock):
    connection = connect(google, mentor)
    google.end_consent(connection.refresh_token)
    meetings = [
        MeetingFactory(mentor=mentor, scheduled_at=MONDAY + timedelta(hours=hours))
        for hours in (0, 2)
    ]

    for _time in range(3):
        bring_calendars_up(timezone.now())
        clock.shift(timedelta(hours=2))

    connection.refresh_from_db()
    for meeting in meetings:
        meeting.refresh_from_db()
    assert connection.broken_at == NOW
    assert [meeting.calendar_event.due_at for meeting in meetings] == [None, None]
    assert all(meeting.calendar_event.is_behind for meeting in meetings)
    lost = Notification.objects.filter(kind="connection_lost")
    assert [each.recipient_id for each in lost] == [mentor.pk]


@pytest.mark.django_db(transaction=True)
def test_an_event_parked_while_the_consent_is_renewed_is_due_immediately(
    google, mentor, clock, settings
):
    """Connecting again makes waiting events due; this one was not waiting yet."""
    settings.CALENDAR_WAIT = timedelta()
    connection = connect(google, mentor)
    meeting = MeetingFactory(mentor=mentor)

    def renew():
        clock.shift(timedelta(seconds=1))
        google.end_consent(connection.refresh_token)
        CalendarConnection.objects.all().delete()
        connect(google, mentor)

    def meanwhile():
        assert run_bounded(renew, wait=MINUTE)

    google.faults.add("token", Fault("meanwhile_before", act=meanwhile))
    assert bring_calendars_up(NOW) == 0
    assert bring_calendars_up(timezone.now()) == 1

    meeting.refresh_from_db()
    assert CalendarConnection.objects.get().is_working
    assert meeting.meeting_link


def test_a_platform_account_without_consent_is_tried_until_it_has_one(google, platform, clock):
    google.faults.keep("token", Fault("answer", 400, "invalid_grant"))
    meeting = MeetingFactory()

    for _hour in range(30):
        bring_calendars_up(timezone.now())
        clock.shift(timedelta(hours=1))
    google.faults.clear()
    clock.shift(timedelta(minutes=15))
    bring_calendars_up(timezone.now())

    meeting.refresh_from_db()
    assert meeting.meeting_link == platform.events[meeting.calendar_uid]["hangoutLink"]


def test_a_token_that_no_key_decrypts_is_shown_to_staff_only(google, mentor, clock):
    connection = connect(google, mentor)
    good = connection.encrypted_token
    CalendarConnection.objects.update(encrypted_token="encrypted with a key that is gone")
    meeting = MeetingFactory(mentor=mentor)

    bring_calendars_up(NOW)

    meeting.refresh_from_db()
    connection.refresh_from_db()
    assert meeting.calendar_event.error == "no key of ENCRYPTION_KEYS fits the stored token"
    assert connection.is_working
    CalendarConnection.objects.update(encrypted_token=good)
    clock.shift(timedelta(minutes=1))
    assert bring_calendars_up(timezone.now()) == 1


def test_the_client_library_is_loaded_only_when_google_is_used():
    """Loading it costs time and memory in every process."""
    program = (
        "import sys, django; django.setup(); "
        "from django.urls import get_resolver; get_resolver().url_patterns; "
        "import meetings.tasks; "
        "print([each for each in ('googleapiclient', 'google_auth_oauthlib') "
        "if each in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "[]\n"
