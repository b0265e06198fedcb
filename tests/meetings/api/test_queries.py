"""Lists take the same number of queries, however many rows they have."""

from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.domain.policy import Status
from meetings.models import CalendarEvent, Meeting, PrivateNote
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon
from tests.meetings.api.caller import Caller, said

pytestmark = pytest.mark.django_db

# Session and person; then how many, the rows with their people and events, and the caller's notes.
MEETINGS = 5
# Session and person; then how many, the rows with their people, and what they offer.
MENTORS = 5
# Session and person; mentor; weekly hours, days off, extra hours, and what is taken.
SLOTS = 8


def past_meetings(learner, mentor, count):
    start = soon(timezone.now()) - timedelta(days=count + 9)
    meetings = Meeting.objects.bulk_create(
        Meeting(
            mentor=mentor,
            learner=learner,
            subject="Loops",
            scheduled_at=start + timedelta(days=day),
            ends_at=start + timedelta(days=day, hours=1),
            duration=60,
            status=Status.COMPLETED,
        )
        for day in range(count)
    )
    CalendarEvent.objects.bulk_create(CalendarEvent(meeting=meeting) for meeting in meetings)


@pytest.mark.slow
def test_meetings_take_the_same_number_with_10_and_with_10000(django_assert_num_queries):
    learner, mentor = UserFactory(), MentorFactory().user
    caller = Caller(learner)
    past_meetings(learner, mentor, 10)
    with django_assert_num_queries(MEETINGS):
        few = said(caller.get("meetings"))[1]

    past_meetings(learner, mentor, 9_990)
    for meeting in Meeting.objects.all()[:50]:
        PrivateNote.objects.create(meeting=meeting, author=learner, text="mine")
    with django_assert_num_queries(MEETINGS):
        many = said(caller.get("meetings", pageSize=100))[1]

    assert (few["count"], len(few["meetings"])) == (10, 10)
    assert (many["count"], many["pages"], len(many["meetings"])) == (10_000, 100, 100)


def test_mentors_take_the_same_number_with_1_and_with_30(django_assert_num_queries):
    MentorFactory(skills=["Python"])
    caller = Caller(UserFactory())
    with django_assert_num_queries(MENTORS):
        caller.get("mentors")

    for number in range(29):
        MentorFactory(skills=["Python", f"Skill {number}"], languages=["de", "en"])
    with django_assert_num_queries(MENTORS):
        found = said(caller.get("mentors", pageSize=100))[1]

    assert len(found["mentors"]) == 30


def test_slots_take_the_same_number_whatever_is_booked(django_assert_num_queries):
    mentor = MentorFactory()
    caller = Caller(UserFactory())
    with django_assert_num_queries(SLOTS):
        caller.get(f"mentors/{mentor.pk}/slots")

    past_meetings(UserFactory(), mentor.user, 500)
    for day in range(1, 6):
        MeetingFactory(mentor=mentor.user, scheduled_at=soon(timezone.now()) + timedelta(days=day))
    with django_assert_num_queries(SLOTS):
        caller.get(f"mentors/{mentor.pk}/slots")
