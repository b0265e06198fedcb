from datetime import timedelta

import pytest

from meetings.booking import texts
from meetings.domain.policy import Status
from meetings.models import Meeting
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def meetings():
    """`{"<status> before|after": meeting}`: before or after Monday noon, all of the same two."""
    mentor, learner = MentorFactory().user, UserFactory()
    MeetingFactory()
    return {
        f"{status} {when}": MeetingFactory(
            mentor=mentor, learner=learner, status=status, scheduled_at=MONDAY + hours * HOUR
        )
        for n, status in enumerate(Status)
        for when, hours in (("before", -1 - 2 * n), ("after", 2 * n))
    }


def names(meetings, found):
    by_meeting = {meeting: name for name, meeting in meetings.items()}
    return [by_meeting[meeting] for meeting in found if meeting in by_meeting]


def test_of_finds_those_of_a_person_in_either_role(meetings):
    one = meetings["scheduled after"]

    assert set(Meeting.objects.of(one.mentor)) == set(meetings.values())
    assert set(Meeting.objects.of(one.learner)) == set(meetings.values())
    assert not Meeting.objects.of(UserFactory()).exists()


def test_upcoming_are_active_and_not_over_soonest_first(meetings):
    assert names(meetings, Meeting.objects.upcoming(MONDAY)) == [
        "scheduled after",
        "in-progress after",
    ]
    assert names(meetings, Meeting.objects.upcoming(MONDAY - timedelta(microseconds=1))) == [
        "scheduled before",
        "scheduled after",
        "in-progress after",
    ]


def test_unanswered_are_over_and_nobody_joined(meetings):
    assert names(meetings, Meeting.objects.unanswered(MONDAY)) == ["scheduled before"]


def test_closed_are_completed_or_cancelled_latest_first(meetings):
    assert names(meetings, Meeting.objects.closed()) == [
        "cancelled after",
        "completed after",
        "completed before",
        "cancelled before",
    ]


def test_reviews_are_rated_ones_of_the_mentor(meetings):
    rated = meetings["completed before"]
    assert set(Meeting.objects.unrated()) == {rated, meetings["completed after"]}

    texts.rate(rated, rating=5, by=rated.learner)

    assert list(Meeting.objects.reviews_of(rated.mentor)) == [rated]
    assert not Meeting.objects.reviews_of(rated.learner).exists()
    assert list(Meeting.objects.unrated()) == [meetings["completed after"]]
