from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from meetings.booking import texts
from meetings.domain.policy import Status
from meetings.models import BusyCell, Meeting
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.views.answers import essence
from tests.meetings.views.browsing import become, stored, text_of, url

pytestmark = pytest.mark.django_db

ROOM = "https://video.example.com/room"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VERBS = ("cancel", "complete", "rate", "notes", "private_notes")


@pytest.fixture(autouse=True)
def _the_day_before():
    with time_machine.travel(MONDAY - DAY, tick=False):
        yield


@pytest.fixture
def meeting():
    return MeetingFactory(
        mentor=MentorFactory(user__name="Ada Mentor", user__timezone="Asia/Kolkata").user,
        learner=UserFactory(name="Lena Learner", timezone="Europe/Berlin"),
        subject="Loops",
        description="For and while.\nAnd comprehensions.",
        meeting_link=ROOM,
        link_provider="open-room",
    )


@pytest.fixture
def learner(client, meeting):
    client.force_login(meeting.learner)
    return meeting.learner


def at(moment):
    return time_machine.travel(moment, tick=False)


def test_the_page_shows_the_meeting_in_both_zones(client, meeting, learner):
    page = text_of(client.get(url("meeting", meeting)))

    for text in (
        "Loops",
        "For and while.",
        "Ada Mentor",
        "Monday 1 March 2027",
        "13:00",
        "14:00",
        "1 hour",
        "Europe/Berlin",
        "For Ada: Mon 1 Mar, 17:30 – 18:30, Asia/Kolkata",
        "Scheduled",
        "Video room on video.example.com",
        f"/join/{meeting.join_token}/",
        "https://calendar.google.com/calendar/render?",
        url("ics", meeting),
        url("reschedule", meeting),
        url("cancel", meeting),
    ):
        assert text in page


def test_no_page_tells_an_address(client, meeting, learner):
    become(meeting, Status.CANCELLED, cancelled_by=meeting.mentor)

    for name in ("meeting", "cancel", "complete", "rate", "ics"):
        page = client.get(url(name, meeting)).content.decode()
        assert meeting.mentor.email not in page


def test_only_what_is_possible_is_offered(client, meeting, learner):
    offers = {"reschedule", "cancel", "complete", "rate"}

    def offered():
        page = client.get(url("meeting", meeting)).content.decode()
        return {name for name in offers if f'"{url(name, meeting)}"' in page}

    assert offered() == {"reschedule", "cancel"}
    with at(MONDAY):
        assert offered() == {"cancel", "complete"}
    with at(MONDAY + HOUR):
        assert offered() == {"cancel", "complete"}
    become(meeting, Status.IN_PROGRESS)
    with at(MONDAY):
        assert offered() == {"complete"}
    become(meeting, Status.COMPLETED)
    assert offered() == {"rate"}
    become(meeting, Status.COMPLETED, rating=5)
    assert offered() == set()
    become(meeting, Status.CANCELLED, rating=None)
    assert offered() == set()


def test_a_cancelled_meeting_says_who_and_why(client, meeting, learner):
    become(meeting, Status.CANCELLED, cancelled_by=meeting.mentor, cancel_reason="I am ill.")

    page = text_of(client.get(url("meeting", meeting)))

    assert "Ada Mentor cancelled this meeting." in page
    assert "I am ill." in page
    assert f"/join/{meeting.join_token}/" not in page
    assert reverse("meetings:book", args=[meeting.mentor_id]) in page


def test_both_see_the_rating(client, meeting):
    become(meeting, Status.COMPLETED, rating=4, feedback="Clear.")

    for person, title in ((meeting.learner, "Your rating"), (meeting.mentor, "What Lena says")):
        client.force_login(person)
        page = text_of(client.get(url("meeting", meeting)))
        for text in (title, "Rated 4 out of 5", "Clear."):
            assert text in page


def test_text_is_text(client, meeting, learner):
    evil = "<script>alert(1)</script> {{7*7}} <img src=x>"
    Meeting.objects.filter(pk=meeting.pk).update(
        subject=evil, description=evil, notes=evil, cancel_reason=evil, feedback=evil
    )
    pages = [("meeting", Status.SCHEDULED), ("cancel", Status.SCHEDULED), ("rate", "completed")]

    for name, status in [*pages, ("meeting", Status.CANCELLED), ("meeting", Status.COMPLETED)]:
        become(meeting, status, rating=3 if status == Status.COMPLETED else None)
        page = client.get(url(name, meeting)).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
        assert "{{7*7}}" in page


def test_looking_changes_nothing(client, meeting, learner):
    before = stored(meeting), BusyCell.objects.count()

    for moment in (MONDAY - DAY, MONDAY, MONDAY + 2 * HOUR):
        with at(moment):
            for name in ("meeting", "cancel", "complete", "rate", "ics", "link"):
                for ask in (client.get, client.head):
                    assert ask(url(name, meeting)).status_code in (200, 302)
    for name in ("notes", "private_notes"):
        assert client.get(url(name, meeting)).status_code == 405
    for name in ("meeting", "ics", "link"):
        assert client.post(url(name, meeting)).status_code == 405

    assert (stored(meeting), BusyCell.objects.count()) == before


def test_a_stranger_gets_what_a_missing_meeting_gets(client, meeting):
    before = stored(meeting)
    missing = Meeting()

    for stranger in (UserFactory(), UserFactory(is_staff=True, is_superuser=True)):
        client.force_login(stranger)
        for name in ("meeting", "cancel", "complete", "rate", "ics", "link"):
            answer = client.get(url(name, meeting))
            assert answer.status_code == 404
            assert essence(answer) == essence(client.get(url(name, missing)))
        for name in VERBS:
            data = {"reason": "x", "rating": "5", "text": "x", "seen": "0"}
            answer = client.post(url(name, meeting), data)
            assert answer.status_code == 404
            assert essence(answer) == essence(client.post(url(name, missing), data))

    assert stored(meeting) == before


def test_all_of_it_needs_a_log_in_and_the_token_of_the_form(meeting):
    client = Client(enforce_csrf_checks=True)
    before = stored(meeting)

    for name in ("meeting", *VERBS, "ics", "link"):
        assert client.get(url(name, meeting)).status_code == 302
    client.force_login(meeting.learner)
    for name in VERBS:
        data = {"rating": "5", "text": "x", "seen": "0"}
        assert client.post(url(name, meeting), data).status_code == 403

    assert stored(meeting) == before


def test_it_works_when_the_other_has_left(client, meeting, learner):
    meeting.mentor.is_active = False
    meeting.mentor.save()

    with at(MONDAY + 2 * HOUR):
        for name in ("meeting", "cancel", "complete", "ics"):
            assert client.get(url(name, meeting)).status_code == 200
        assert client.post(url("complete", meeting), {"rating": "5"}).status_code == 302
        page = text_of(client.get(url("meeting", meeting)))

    assert "Ada Mentor" in page
    assert reverse("meetings:book", args=[meeting.mentor_id]) not in page


def test_what_was_just_booked_is_said_to_the_learner_alone(client, meeting):
    shown = {}

    for role in ("learner", "mentor"):
        client.force_login(getattr(meeting, role))
        page = client.get(url("meeting", meeting), {"booked": "1"}).content.decode()
        shown[role] = "booked-title" in page

    assert shown == {"learner": True, "mentor": False}


def test_the_page_takes_the_same_queries_whatever_there_is(
    client, meeting, learner, django_assert_max_num_queries
):
    texts.write_private_note(meeting, "x" * 5_000, by=learner)
    texts.write_notes(meeting, "x" * 5_000, by=learner, seen=0)
    MeetingFactory.create_batch(3, learner=learner, status=Status.COMPLETED)

    # session, person, meeting with its people, private note, and the mentor's profile at most once
    with django_assert_max_num_queries(6):
        client.get(url("meeting", meeting))


def test_the_room_is_waited_for_and_then_shown(client, meeting, learner):
    Meeting.objects.filter(pk=meeting.pk).update(meeting_link="", link_provider="")
    page = text_of(client.get(url("meeting", meeting)))
    nothing_new = client.get(url("link", meeting))
    Meeting.objects.filter(pk=meeting.pk).update(meeting_link=ROOM, link_provider="open-room")
    there = client.get(url("link", meeting))

    assert "The room is being made." in page
    assert f'hx-get="{url("link", meeting)}" hx-trigger="every 5s"' in page
    assert (nothing_new.status_code, nothing_new.content) == (204, b"")
    assert (there.status_code, there["HX-Trigger"]) == (200, '{"room-ready": {}}')
    assert "Video room on video.example.com" in text_of(there)
    assert "hx-get" not in text_of(there)


def test_nobody_waits_for_the_room_of_a_meeting_that_is_off(client, meeting, learner):
    become(meeting, Status.CANCELLED, meeting_link="")

    answer = client.get(url("link", meeting))

    assert answer.status_code == 200
    assert "hx-get" not in text_of(answer)
    assert "being made" not in text_of(answer)
