from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.domain.policy import Status
from meetings.models import BusyCell, Meeting, PrivateNote
from tests.factories import MeetingFactory, soon
from tests.meetings.api.caller import Caller, said, z
from tests.meetings.matching import match_calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def start(now):
    return soon(now, minutes=24 * 60)


def running(now, **more):
    """A meeting in progress."""
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    meeting = MeetingFactory(scheduled_at=quarter, **more)
    match_calendar(meeting)
    return meeting


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_update_moves_and_renames_at_once(method, start):
    meeting = MeetingFactory(scheduled_at=start, description="for?")
    later = start + timedelta(hours=3)

    status, answer = said(
        Caller(meeting.mentor)(
            method, f"meetings/{meeting.pk}", {"scheduledAt": z(later), "subject": "Lists"}
        )
    )

    meeting.refresh_from_db()
    assert (status, answer["success"]) == (200, True)
    assert (answer["meeting"]["scheduledAt"], answer["meeting"]["subject"]) == (z(later), "Lists")
    assert (meeting.scheduled_at, meeting.subject, meeting.description) == (later, "Lists", "for?")


def test_update_does_all_or_nothing(start):
    meeting = MeetingFactory(scheduled_at=start, subject="Loops")
    later = start + timedelta(hours=3)
    MeetingFactory(mentor=meeting.mentor, scheduled_at=later)

    status, answer = said(
        Caller(meeting.learner)(
            "PATCH", f"meetings/{meeting.pk}", {"scheduledAt": z(later), "subject": "Lists"}
        )
    )

    meeting.refresh_from_db()
    assert (status, answer["code"]) == (409, "slot_taken")
    assert (meeting.scheduled_at, meeting.subject) == (start, "Loops")


def test_cancel_frees_the_time_and_can_be_repeated(start):
    meeting = MeetingFactory(scheduled_at=start)
    caller = Caller(meeting.learner)

    first = caller("DELETE", f"meetings/{meeting.pk}", {"reason": "ill"})
    again = caller("DELETE", f"meetings/{meeting.pk}")

    meeting.refresh_from_db()
    assert [said(each)[0] for each in (first, again)] == [200, 200]
    assert said(again)[1]["meeting"]["status"] == "cancelled"
    assert (meeting.cancelled_by, meeting.cancel_reason) == (meeting.learner, "ill")
    assert not BusyCell.objects.of(BusyCell.OwnerKind.MEETING, meeting.pk).exists()


def test_join_leads_to_the_room(now):
    meeting = running(now)

    status, answer = said(Caller(meeting.learner).post(f"meetings/{meeting.pk}/join"))

    assert (status, answer) == (200, {"success": True, "meetingLink": meeting.meeting_link})
    meeting.refresh_from_db()
    assert meeting.status == Status.IN_PROGRESS


def test_join_says_why_not(start, now):
    early = MeetingFactory(scheduled_at=start)
    roomless = running(now)
    Meeting.objects.filter(pk=roomless.pk).update(meeting_link="")

    def refused(meeting):
        status, answer = said(Caller(meeting.learner).post(f"meetings/{meeting.pk}/join"))
        return status, answer["code"]

    assert refused(early) == (409, "wrong_status")
    assert refused(roomless) == (409, "no_room")


def test_complete_rates_and_notes_in_one(now):
    meeting = running(now)
    PrivateNote.objects.create(meeting=meeting, author=meeting.learner, text="mine")
    PrivateNote.objects.create(meeting=meeting, author=meeting.mentor, text="theirs")
    body = {"rating": 5, "feedback": "Clear.", "notes": "Next: lists"}
    caller = Caller(meeting.learner)

    status, answer = said(caller.post(f"meetings/{meeting.pk}/complete", body))
    again = caller.post(f"meetings/{meeting.pk}/complete", body)
    other = caller.post(f"meetings/{meeting.pk}/complete", {"rating": 1})

    shown = answer["meeting"]
    names = ("status", "rating", "feedback", "notes", "privateNotes")
    assert status == 200
    assert [shown[name] for name in names] == ["completed", 5, "Clear.", "Next: lists", "mine"]
    assert again.status_code == 200
    assert (other.status_code, said(other)[1]["code"]) == (409, "already_rated")


def test_complete_needs_no_body(now):
    meeting = running(now)

    status, answer = said(Caller(meeting.mentor).post(f"meetings/{meeting.pk}/complete"))

    assert (status, answer["meeting"]["status"]) == (200, "completed")


def test_a_mentor_cannot_rate_and_then_nothing_has_happened(now):
    meeting = running(now)

    response = Caller(meeting.mentor).post(f"meetings/{meeting.pk}/complete", {"rating": 5})

    meeting.refresh_from_db()
    assert (response.status_code, said(response)[1]["code"]) == (403, "not_allowed")
    assert meeting.status == Status.SCHEDULED


@pytest.mark.parametrize(
    "body", [{"rating": 6}, {"rating": 0}, {"rating": "5"}, {"rating": 4.5}, {"feedback": "x"}]
)
def test_a_rating_is_one_to_five(body, now):
    meeting = running(now)

    response = Caller(meeting.learner).post(f"meetings/{meeting.pk}/complete", body)

    meeting.refresh_from_db()
    assert (response.status_code, meeting.status) == (400, Status.SCHEDULED)
