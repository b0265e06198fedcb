"""Google is away for ten minutes: nobody waits for it, and afterwards all of it is made up for."""

import random
import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from meetings.jobs import bring_calendars_up
from meetings.models import Meeting
from tests.factories import MONDAY, MentorFactory, UserFactory, soon
from tests.google.connections import connect
from tests.google.events import MENTOR
from tests.google.faults import Fault

pytestmark = pytest.mark.django_db(transaction=True)

NOW = MONDAY - timedelta(days=3)
MINUTE = timedelta(minutes=1)
PATIENCE = 2.0


@pytest.fixture
def platform(google, settings):
    """The account that the events live in."""
    settings.GOOGLE_REFRESH_TOKEN = google.consent(MENTOR, " ".join(settings.GOOGLE_SCOPES))
    return google.account(MENTOR)


def times(account):
    """`{event: start}` of what is live."""
    return {event["id"]: event["start"]["dateTime"] for event in account.live()}


def wanted():
    """`{event: start}` of the active meetings."""
    return {
        each.calendar_uid: f"{each.scheduled_at:%Y-%m-%dT%H:%M:%SZ}"
        for each in Meeting.objects.active()
    }


@pytest.mark.parametrize("seed", range(3))
def test_all_is_made_up_for_within_five_minutes(google, platform, settings, seed):
    random.seed(seed)
    settings.CALENDAR_WAIT = timedelta()
    mentor, learner = MentorFactory().user, UserFactory()
    made = []

    with time_machine.travel(NOW, tick=False) as clock:
        google.faults.keep("*", Fault("reset_before"))
        for minute in range(10):
            start = MONDAY + timedelta(hours=2 * minute)
            made.append(
                Meeting.book(
                    mentor=mentor, learner=learner, subject="Loops", start=start, duration=60
                )
            )
            if minute % 3 == 1:
                made[minute - 1].reschedule(to=start + timedelta(hours=1), by=mentor)
            if minute % 4 == 3:
                made[minute - 2].cancel(by=learner)
            bring_calendars_up(timezone.now())
            clock.shift(MINUTE)
        assert Meeting.objects.behind().count() == 10

        google.faults.clear()
        for _minute in range(5):
            bring_calendars_up(timezone.now())
            clock.shift(MINUTE)

    assert not Meeting.objects.behind().exists()
    assert times(platform) == wanted()
    assert len(wanted()) == 8


def test_nobody_waits_for_a_google_that_hangs(google, settings):
    """Both have connected calendars that would be asked before the booking as well."""
    mentor, learner = MentorFactory().user, UserFactory()
    account = google.account(connect(google, mentor).google_email)
    connect(google, learner)
    start = soon(timezone.now(), minutes=24 * 60)
    google.faults.keep("*", Fault("hang"))
    waits = []

    def measure(verb, **arguments):
        began = time.perf_counter()
        result = verb(**arguments)
        waits.append(time.perf_counter() - began)
        return result

    meeting = measure(
        Meeting.book, mentor=mentor, learner=learner, subject="Loops", start=start, duration=60
    )
    other = measure(
        Meeting.book,
        mentor=mentor,
        learner=learner,
        subject="Recursion",
        start=start + timedelta(hours=3),
        duration=60,
    )
    later = start + timedelta(hours=1)
    measure(meeting.reschedule, to=later, by=learner)
    measure(other.cancel, by=mentor)
    behind = Meeting.objects.behind().count()
    google.faults.clear()
    until_nobody_works()
    bring_calendars_up(timezone.now() + timedelta(minutes=4))

    assert max(waits) < PATIENCE
    assert behind == 2
    assert times(account) == wanted() == {meeting.calendar_uid: f"{later:%Y-%m-%dT%H:%M:%SZ}"}


def until_nobody_works():
    """Those who were left behind by the pages come to their end, and mark it, by themselves."""
    deadline = time.monotonic() + 20
    while Meeting.objects.filter(calendar_lease__isnull=False).exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
