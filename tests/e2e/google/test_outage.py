"""Google is down for ten minutes: nobody waits for it, and afterwards all events are updated."""

import random
import time
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db.models import F, Q
from django.utils import timezone

from meetings.booking import lifecycle
from meetings.booking.book import book as book_meeting
from meetings.calendars import external_busy, sync
from meetings.integrations.background import run_bounded
from meetings.models import CalendarEvent, Meeting
from meetings.tasks import bring_calendars_up
from tests.e2e.google.connections import connect
from tests.e2e.google.events import MENTOR
from tests.e2e.google.faults import Fault
from tests.factories import MONDAY, MentorFactory, UserFactory, soon

pytestmark = pytest.mark.django_db(transaction=True)

NOW = MONDAY - timedelta(days=3)
MINUTE = timedelta(minutes=1)
SECONDS = 20


@pytest.fixture
def platform(google, settings):
    """The platform's account, whose calendar has the events."""
    settings.GOOGLE_REFRESH_TOKEN = google.consent(MENTOR, " ".join(settings.GOOGLE_SCOPES))
    return google.account(MENTOR)


def times(account):
    """`{event: start}` of the events in Google."""
    return {event["id"]: event["start"]["dateTime"] for event in account.live()}


def wanted():
    """`{event: start}` of the active meetings."""
    return {
        each.calendar_uid: f"{each.scheduled_at:%Y-%m-%dT%H:%M:%SZ}"
        for each in Meeting.objects.active()
    }


@pytest.mark.parametrize("seed", range(3))
def test_all_events_are_updated_within_five_minutes(google, platform, settings, seed):
    random.seed(seed)
    settings.CALENDAR_WAIT = timedelta()
    mentor, learner = MentorFactory().user, UserFactory()
    made = []

    with time_machine.travel(NOW, tick=False) as clock:
        google.faults.keep("*", Fault("reset_before"))
        for minute in range(10):
            start = MONDAY + timedelta(hours=2 * minute)
            made.append(
                book_meeting(
                    mentor_id=mentor.pk, learner=learner, subject="Loops", start=start, duration=60
                )
            )
            if minute % 3 == 1:
                lifecycle.reschedule(made[minute - 1], to=start + timedelta(hours=1), by=mentor)
            if minute % 4 == 3:
                lifecycle.cancel(made[minute - 2], by=learner)
            bring_calendars_up(timezone.now())
            clock.shift(MINUTE)
        assert CalendarEvent.objects.behind().count() == 10

        google.faults.clear()
        for _minute in range(5):
            bring_calendars_up(timezone.now())
            clock.shift(MINUTE)

    assert not CalendarEvent.objects.behind().exists()
    assert times(platform) == wanted()
    assert len(wanted()) == 8


@pytest.fixture
def waits(monkeypatch):
    """How long each page was prepared to wait in total, in the order of the pages."""
    asked: list[timedelta] = []

    def counting(work, *, wait):
        asked[-1] += wait
        return run_bounded(work, wait=wait)

    monkeypatch.setattr(external_busy, "run_bounded", counting)
    monkeypatch.setattr(sync, "run_bounded", counting)
    return asked


def test_nobody_waits_for_a_google_that_hangs(google, settings, waits):
    """Both have connected calendars, which the booking would ask for busy times too."""
    mentor, learner = MentorFactory().user, UserFactory()
    account = google.account(connect(google, mentor).google_email)
    connect(google, learner)
    start = soon(timezone.now(), minutes=24 * 60)
    later = start + timedelta(hours=1)
    google.faults.keep("*", Fault("hang"))
    book = partial(book_meeting, mentor_id=mentor.pk, learner=learner, subject="Loops", duration=60)

    meeting, other = (
        page(waits, book, start=start),
        page(waits, book, start=start + timedelta(hours=3)),
    )
    page(waits, partial(lifecycle.reschedule, meeting), to=later, by=learner)
    page(waits, partial(lifecycle.cancel, other), by=mentor)
    behind = CalendarEvent.objects.behind().count()
    google.faults.clear()
    until_nothing_is_behind(timezone.now() + timedelta(minutes=4))

    assert len(waits) == 4
    assert timedelta() < min(waits)
    assert max(waits) <= settings.CALENDAR_WAIT
    assert behind == 2
    assert times(account) == wanted() == {meeting.calendar_uid: f"{later:%Y-%m-%dT%H:%M:%SZ}"}


def page(waits, verb, **arguments):
    waits.append(timedelta())
    return verb(**arguments)


def until_nothing_is_behind(now):
    """Run the worker until no event is behind; the pages' background threads end by themselves."""
    deadline = time.monotonic() + SECONDS
    unsettled = Q(lease__isnull=False) | Q(synced__lt=F("sequence"))
    while CalendarEvent.objects.filter(unsettled).exists():
        assert time.monotonic() < deadline
        bring_calendars_up(now)
        time.sleep(0.02)
