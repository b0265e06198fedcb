from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from meetings.domain.policy import Status
from meetings.models import BusyCell, Meeting
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.views.answers import essence

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


def url(name, meeting):
    return reverse(f"meetings:{name}", args=[meeting.pk])


def become(meeting, status, **fields):
    """Put the meeting there without any verb."""
    Meeting.objects.filter(pk=meeting.pk).update(status=status, **fields)
    meeting.refresh_from_db()


def stored(meeting):
    return Meeting.objects.filter(pk=meeting.pk).values().get()


def text_of(response):
    return " ".join(response.content.decode().split())


# The page


def test_the_page_shows_the_meeting_in_both_zones(client, meeting, learner):
    page = text_of(client.get(url("meeting", meeting)))

    for text in (
        "Loops",
        "For and while.",
        "Ada Mentor",
        "Monday, 1 March 2027",
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
    meeting.write_private_note("x" * 5_000, by=learner)
    meeting.write_notes("x" * 5_000, by=learner, seen=0)
    MeetingFactory.create_batch(3, learner=learner, status=Status.COMPLETED)

    # session, person, meeting with its people, private note, and the mentor's profile at most once
    with django_assert_max_num_queries(6):
        client.get(url("meeting", meeting))


# Cancel


def test_cancel_asks_first_and_then_does(client, meeting, learner):
    asked = client.get(url("cancel", meeting))
    answer = client.post(url("cancel", meeting), {"reason": "I am ill."}, follow=True)

    meeting.refresh_from_db()
    assert "Cancel this meeting?" in text_of(asked)
    assert answer.redirect_chain == [(url("meeting", meeting), 302)]
    assert "The meeting is cancelled." in text_of(answer)
    assert "You cancelled this meeting." in text_of(answer)
    assert (meeting.status, meeting.cancelled_by, meeting.cancel_reason) == (
        Status.CANCELLED,
        learner,
        "I am ill.",
    )
    assert not BusyCell.objects.exists()


def test_cancel_again_is_harmless(client, meeting, learner):
    client.post(url("cancel", meeting), {"reason": "First"})
    before = stored(meeting)

    answer = client.post(url("cancel", meeting), {"reason": "Second"})

    assert answer.status_code == 302
    assert stored(meeting) == before
    assert "You cancelled this meeting." in text_of(client.get(url("cancel", meeting)))


@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.COMPLETED])
def test_cancel_is_refused_once_somebody_has_joined(client, meeting, learner, status):
    become(meeting, status)
    before = stored(meeting)

    answer = client.post(url("cancel", meeting), {"reason": "Too late"})

    assert answer.status_code == 409
    assert "That is not possible any more" in text_of(answer)
    assert stored(meeting) == before


def test_cancel_keeps_a_reason_that_is_too_long(client, meeting, learner):
    reason = "because " * 130

    answer = client.post(url("cancel", meeting), {"reason": reason})

    assert answer.status_code == 422
    assert reason.strip() in text_of(answer)
    assert stored(meeting)["status"] == Status.SCHEDULED


# Complete and rate


def test_the_mentor_completes(client, meeting):
    client.force_login(meeting.mentor)

    with at(MONDAY + HOUR):
        asked = client.get(url("complete", meeting))
        answer = client.post(url("complete", meeting), {"rating": "1", "feedback": "Mine"})

    meeting.refresh_from_db()
    assert "Your rating" not in text_of(asked)
    assert answer["Location"] == url("meeting", meeting)
    assert (meeting.status, meeting.rating, meeting.feedback) == (Status.COMPLETED, None, "")


def test_the_learner_completes_and_rates_in_one(client, meeting, learner):
    with at(MONDAY + HOUR):
        asked = client.get(url("complete", meeting))
        client.post(url("complete", meeting), {"rating": "4", "feedback": "Clear."})

    meeting.refresh_from_db()
    assert "Your rating" in text_of(asked)
    assert (meeting.status, meeting.rating, meeting.feedback) == (Status.COMPLETED, 4, "Clear.")
    profile = meeting.mentor.mentor_profile
    profile.refresh_from_db()
    assert (profile.rating_sum, profile.rating_count) == (4, 1)


def test_complete_again_is_harmless(client, meeting, learner):
    with at(MONDAY + HOUR):
        client.post(url("complete", meeting))
        before = stored(meeting)
        again = client.post(url("complete", meeting))

    assert again.status_code == 302
    assert stored(meeting) == before


@pytest.mark.parametrize(
    ("status", "moment", "text"),
    [
        (Status.SCHEDULED, MONDAY - HOUR, "This meeting has not started yet."),
        (Status.CANCELLED, MONDAY + HOUR, "That is not possible any more"),
    ],
)
def test_complete_is_refused(client, meeting, learner, status, moment, text):
    become(meeting, status)
    before = stored(meeting)

    with at(moment):
        page = client.get(url("complete", meeting))
        answer = client.post(url("complete", meeting), {"rating": "4"})

    assert (page.status_code, answer.status_code) == (200, 409)
    assert "<form class" not in text_of(page)
    assert text in text_of(answer)
    assert stored(meeting) == before


@pytest.mark.parametrize(
    "data",
    [
        {"rating": "6", "feedback": "Kept as it was"},
        {"rating": "", "feedback": "Kept as it was"},
        {"rating": "3", "feedback": "Kept as it was \x07"},
    ],
)
def test_a_rating_that_is_not_fit_is_kept_and_changes_nothing(client, meeting, learner, data):
    with at(MONDAY + HOUR):
        before = stored(meeting)
        first = client.post(url("complete", meeting), data)
        assert stored(meeting) == before
        become(meeting, Status.COMPLETED)
        before = stored(meeting)
        second = client.post(url("rate", meeting), data)

    assert (first.status_code, second.status_code) == (422, 422)
    for answer in (first, second):
        assert "Kept as it was" in text_of(answer)
        assert ("checked" in text_of(answer)) == (data["rating"] == "3")
    assert stored(meeting) == before


def test_the_learner_rates_once(client, meeting, learner):
    become(meeting, Status.COMPLETED)
    mine = {"rating": "4", "feedback": "Clear."}

    first = client.post(url("rate", meeting), mine)
    before = stored(meeting)
    same = client.post(url("rate", meeting), mine)
    other = client.post(url("rate", meeting), {"rating": "1", "feedback": "No."})
    together = client.post(url("complete", meeting), {"rating": "1"})

    assert (first.status_code, same.status_code) == (302, 302)
    for refused in (other, together):
        assert refused.status_code == 409
        assert "You have already rated this meeting." in text_of(refused)
    assert stored(meeting) == before
    profile = meeting.mentor.mentor_profile
    profile.refresh_from_db()
    assert (profile.rating_sum, profile.rating_count) == (4, 1)
    assert "You have rated this meeting." in text_of(client.get(url("rate", meeting)))


def test_the_mentor_does_not_rate(client, meeting):
    become(meeting, Status.COMPLETED)
    client.force_login(meeting.mentor)

    page = client.get(url("rate", meeting))
    answer = client.post(url("rate", meeting), {"rating": "5"})

    assert (page.status_code, answer.status_code) == (200, 403)
    assert "Rating it is up to the learner." in text_of(page)
    assert stored(meeting)["rating"] is None


def test_what_is_not_completed_is_completed_before_it_is_rated(client, meeting, learner):
    with at(MONDAY + HOUR):
        page = client.get(url("rate", meeting))
        answer = client.post(url("rate", meeting), {"rating": "5", "feedback": "Kept"})

    assert page["Location"] == url("complete", meeting)
    assert answer.status_code == 409
    assert "Kept" in text_of(answer)
    assert stored(meeting)["status"] == Status.SCHEDULED


# The room


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
