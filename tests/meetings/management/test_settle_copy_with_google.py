"""An older copy of the site, and newer events in Google's calendar."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from meetings.booking import lifecycle
from meetings.models import Meeting
from meetings.tasks import bring_calendars_up
from tests.factories import MONDAY, MeetingFactory
from tests.p2plearn.backup.copies import run

pytestmark = pytest.mark.django_db(transaction=True)

PLATFORM = "platform@gmail.example.com"
DAY = timedelta(days=1)


@pytest.fixture
def calendar(google, settings):
    """The calendar of the platform's account; only the worker writes to it."""
    settings.CALENDAR_WAIT = timedelta()
    settings.GOOGLE_REFRESH_TOKEN = google.consent(PLATFORM, " ".join(settings.GOOGLE_SCOPES))
    return google.account(PLATFORM)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MONDAY - 3 * DAY, tick=False) as traveller:
        yield traveller


def copy_of(places):
    return places.file("old").with_name("copy")


def starts(calendar):
    return [event["start"]["dateTime"] for event in calendar.live()]


def test_an_event_that_the_copy_does_not_know_of_is_adopted(places, calendar):
    """The copy was made between the booking and its event."""
    with places.at("old"):
        meeting = MeetingFactory()
        run("backup", copy_of(places))
        bring_calendars_up(timezone.now())
    mails = list(calendar.mails)
    with places.at("new", is_empty=True):
        run("restore", copy_of(places))
        bring_calendars_up(timezone.now())
        again = Meeting.objects.get()

        assert [event["id"] for event in calendar.live()] == [meeting.calendar_uid]
        assert again.meeting_link == calendar.live()[0]["hangoutLink"]
        assert calendar.mails == mails


def test_what_moved_since_the_copy_is_told_and_not_moved_back(places, calendar):
    with places.at("old"):
        meeting = MeetingFactory()
        bring_calendars_up(timezone.now())
        run("backup", copy_of(places))
        for days in (1, 2):
            lifecycle.reschedule(meeting, to=MONDAY + days * DAY, by=meeting.learner)
            bring_calendars_up(timezone.now())
    with places.at("new", is_empty=True):
        told = run("restore", copy_of(places))
        bring_calendars_up(timezone.now())

        assert f"different {meeting.calendar_uid} (start, end, extendedProperties; a later" in told
        assert starts(calendar) == ["2027-03-03T12:00:00Z"]


def test_staff_can_let_the_calendar_follow_the_copy(places, calendar):
    with places.at("old"):
        meeting = MeetingFactory()
        bring_calendars_up(timezone.now())
        run("backup", copy_of(places))
        for days in (1, 2):
            lifecycle.reschedule(meeting, to=MONDAY + days * DAY, by=meeting.learner)
            bring_calendars_up(timezone.now())
    with places.at("new", is_empty=True):
        run("restore", copy_of(places))

        fixed = run("calendar_reconcile", "--fix")

        assert ": repaired" in fixed
        assert starts(calendar) == ["2027-03-01T12:00:00Z"]
        assert "0 do not agree" in run("calendar_reconcile")


def test_staff_can_let_the_calendar_follow_a_move_in_the_copy(places, calendar):
    """Google has a later state, so the site does not overwrite it by itself."""
    with places.at("old"):
        meeting = MeetingFactory()
        bring_calendars_up(timezone.now())
        run("backup", copy_of(places))
        for days in (1, 2, 3):
            lifecycle.reschedule(meeting, to=MONDAY + days * DAY, by=meeting.learner)
            bring_calendars_up(timezone.now())
    with places.at("new", is_empty=True):
        run("restore", copy_of(places))
        again = Meeting.objects.select_related("mentor", "learner").get()
        lifecycle.reschedule(again, to=MONDAY + 4 * DAY, by=again.learner)
        bring_calendars_up(timezone.now())
        refused = starts(calendar)

        run("calendar_reconcile", "--fix")

        assert refused == ["2027-03-04T12:00:00Z"]
        assert starts(calendar) == ["2027-03-05T12:00:00Z"]


def test_what_was_cancelled_since_the_copy_is_told_and_not_made_again(places, calendar):
    with places.at("old"):
        meeting = MeetingFactory()
        bring_calendars_up(timezone.now())
        run("backup", copy_of(places))
        lifecycle.cancel(meeting, by=meeting.learner)
        bring_calendars_up(timezone.now())
    with places.at("new", is_empty=True):
        told = run("restore", copy_of(places))
        bring_calendars_up(timezone.now())

        assert f"missing   {meeting.calendar_uid}" in told
        assert calendar.live() == []


def test_what_was_booked_since_the_copy_is_told_and_stays(places, calendar):
    with places.at("old"):
        run("backup", copy_of(places))
        meeting = MeetingFactory()
        bring_calendars_up(timezone.now())
    with places.at("new", is_empty=True):
        told = run("restore", copy_of(places))
        bring_calendars_up(timezone.now())

        assert f"unknown   {meeting.calendar_uid} (2027-03-01T12:00:00Z)" in told
        assert len(calendar.live()) == 1
