"""Puts meetings into the state that a test needs, and reads them back."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.models import User
from meetings.domain.policy import Status
from meetings.models import Meeting
from tests.factories import MONDAY, MeetingFactory, completed_meeting

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def url(name: str, meeting: Meeting) -> str:
    return reverse(f"meetings:{name}", args=[meeting.pk])


def become(meeting: Meeting, status: str, **fields: Any) -> None:
    """Set these fields of the meeting directly, without a verb."""
    Meeting.objects.filter(pk=meeting.pk).update(status=status, **fields)
    meeting.refresh_from_db()


def stored(meeting: Meeting) -> dict[str, Any]:
    """All stored fields of the meeting."""
    return Meeting.objects.filter(pk=meeting.pk).values().get()


def text_of(response: HttpResponse) -> str:
    """The page with each run of white space replaced by one space."""
    return " ".join(response.content.decode().replace("&nbsp;", " ").split())


def make_life(learner: User, mentor: User, count: int) -> None:
    """count meetings of every kind between the two, on MONDAY and around it."""
    for n in range(count):
        people = {"learner": learner, "mentor": mentor}
        MeetingFactory(scheduled_at=MONDAY + (n + 1) * 2 * HOUR, **people)
        MeetingFactory(scheduled_at=MONDAY - (n + 1) * 2 * HOUR, **people)
        completed_meeting(mentor, learner, start=MONDAY - n * DAY - DAY)
        completed_meeting(mentor, learner, start=MONDAY - n * DAY - DAY, rating=5)
        MeetingFactory(status=Status.CANCELLED, cancelled_by=mentor, **people)
