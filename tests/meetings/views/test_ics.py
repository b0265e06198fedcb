from datetime import timedelta

import pytest
import time_machine
from django.test import TestCase
from django.urls import reverse
from icalendar import Calendar

from meetings.booking import lifecycle, texts
from tests.factories import MONDAY, MeetingFactory, MentorFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)


@pytest.fixture(autouse=True)
def _two_days_before(settings):
    settings.SITE_URL = "https://learn.example.com"
    settings.SITE_HOST = "learn.example.com"
    settings.DEFAULT_FROM_EMAIL = "P2P Learn <hello@learn.example.com>"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def meeting(client):
    with TestCase.captureOnCommitCallbacks(execute=True):
        meeting = MeetingFactory(mentor=MentorFactory().user, subject="Loops", description="For")
    client.force_login(meeting.learner)
    return meeting


def download(client, meeting):
    """The parsed calendar and its only event."""
    response = client.get(reverse("meetings:ics", args=[meeting.pk]))
    calendar = Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_the_file_is_offered_to_save(client, meeting):
    response = client.get(reverse("meetings:ics", args=[meeting.pk]))

    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="meeting-2027-03-01.ics"'


def test_the_file_tells_the_meeting_and_no_persons_address(client, meeting):
    calendar, event = download(client, meeting)

    join = f"https://learn.example.com{meeting.join_path}"
    assert calendar["METHOD"] == "PUBLISH"
    assert event["UID"] == f"{meeting.pk.hex}@learn.example.com"
    assert (event["SEQUENCE"], event["STATUS"]) == (0, "CONFIRMED")
    assert (event["SUMMARY"], event["DESCRIPTION"]) == ("Loops", f"For\n\n{join}")
    assert (event["URL"], event["LOCATION"]) == (join, join)
    assert (event.start, event.end) == (MONDAY, MONDAY + timedelta(hours=1))
    assert event["ORGANIZER"] == "mailto:hello@learn.example.com"
    assert event["ORGANIZER"].params["CN"] == "P2P Learn"
    assert "ATTENDEE" not in event
    for person in (meeting.mentor, meeting.learner):
        assert person.email.encode() not in calendar.to_ical()


def test_both_get_the_same_event(client, meeting):
    for_learner = download(client, meeting)[1]
    client.force_login(meeting.mentor)

    assert download(client, meeting)[1].to_ical() == for_learner.to_ical()


def test_a_change_is_the_same_event_with_a_higher_number(client, meeting):
    uid = download(client, meeting)[1]["UID"]

    lifecycle.reschedule(meeting, to=MONDAY + timedelta(hours=3), by=meeting.learner, now=NOW)
    calendar, moved = download(client, meeting)
    assert (calendar["METHOD"], moved["UID"], moved["SEQUENCE"]) == ("PUBLISH", uid, 1)
    assert moved.start == MONDAY + timedelta(hours=3)

    lifecycle.cancel(meeting, by=meeting.mentor, now=NOW)
    calendar, gone = download(client, meeting)
    assert (calendar["METHOD"], gone["UID"], gone["SEQUENCE"]) == ("CANCEL", uid, 2)
    assert gone["STATUS"] == "CANCELLED"


def test_joining_and_notes_are_no_change_of_the_event(client, meeting):
    texts.write_notes(meeting, "Chapter 1", by=meeting.learner, seen=0)
    lifecycle.join(meeting, by=meeting.learner, now=MONDAY)

    assert download(client, meeting)[1]["SEQUENCE"] == 0


def test_a_hostile_subject_stays_a_subject(client, meeting):
    meeting.subject = "END:VEVENT, BEGIN:VEVENT; \\n " + "😀" * 160
    meeting.description = "END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Another"
    meeting.save()

    _calendar, event = download(client, meeting)

    assert event["SUMMARY"] == meeting.subject
    assert event["DESCRIPTION"].startswith("END:VEVENT\nBEGIN:VEVENT\nSUMMARY:Another\n\nhttps://")
