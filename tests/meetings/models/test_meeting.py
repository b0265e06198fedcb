from datetime import timedelta

import pytest
from django.test import TestCase

from meetings.domain.errors import (
    NotAllowed,
    NotOffered,
    OwnMentor,
    OwnTimeTaken,
    SlotTaken,
    TooEarlyToJoin,
    TooManyMeetings,
    WrongStatus,
)
from meetings.domain.grid import CELL
from meetings.domain.policy import Status
from meetings.models import BusyCell, Meeting
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)


def book(mentor, learner, start=MONDAY, duration=60, **fields):
    return Meeting.book(
        mentor=mentor.user,
        learner=learner,
        subject="Loops",
        start=start,
        duration=duration,
        now=NOW,
        **fields,
    )


def test_book_stores_the_meeting_its_cells_and_the_room():
    mentor, learner = MentorFactory(gap=15), UserFactory()

    with TestCase.captureOnCommitCallbacks(execute=True):
        meeting = book(mentor, learner)

    meeting.refresh_from_db()
    assert meeting.status == Status.SCHEDULED
    assert meeting.ends_at == MONDAY + timedelta(hours=1)
    assert meeting.meeting_link.startswith("https://meet.jit.si/p2plearn-")
    assert meeting.link_provider == Meeting.RoomProvider.OPEN_ROOM
    assert not meeting.is_calendar_behind
    cells = sorted((str(c.person_id), c.starts_at) for c in meeting.busy_cells.all())
    assert cells == sorted(
        [(str(learner.pk), MONDAY + n * CELL) for n in range(4)]
        + [(str(mentor.pk), MONDAY + n * CELL) for n in range(5)]
    )


def test_book_refuses_a_taken_slot_and_names_the_nearest():
    mentor = MentorFactory()
    book(mentor, UserFactory())

    with pytest.raises(SlotTaken) as refusal:
        book(mentor, UserFactory(), start=MONDAY + timedelta(minutes=30), duration=30)

    assert refusal.value.code == "slot_taken"
    assert refusal.value.nearest == [
        MONDAY - timedelta(minutes=30),
        MONDAY + timedelta(minutes=60),
        MONDAY + timedelta(minutes=90),
    ]


def test_book_tells_who_is_busy():
    learner = UserFactory()
    book(MentorFactory(), learner)

    with pytest.raises(OwnTimeTaken):
        book(MentorFactory(), learner)


def test_save_refuses_what_overlaps_without_asking_any_check():
    first = MeetingFactory()

    with pytest.raises(SlotTaken):
        MeetingFactory(mentor=first.mentor, scheduled_at=MONDAY + timedelta(minutes=45))

    assert Meeting.objects.count() == 1


def test_book_refuses_oneself_closed_hours_and_the_limit(settings):
    mentor = MentorFactory(weekly={0: [(0, 60)]})
    settings.UPCOMING_MEETINGS_LIMIT = 1
    learner = UserFactory()

    with pytest.raises(OwnMentor):
        book(mentor, mentor.user)
    with pytest.raises(NotOffered):
        book(mentor, learner)
    book(MentorFactory(), learner)
    with pytest.raises(TooManyMeetings):
        book(MentorFactory(), learner, start=MONDAY + timedelta(hours=5))


def test_reschedule_swaps_the_cells():
    meeting = MeetingFactory()

    meeting.reschedule(to=MONDAY + timedelta(minutes=30), by=meeting.learner, now=NOW)

    assert meeting.scheduled_at == MONDAY + timedelta(minutes=30)
    assert {cell.starts_at for cell in meeting.busy_cells.all()} == {
        MONDAY + timedelta(minutes=30) + n * CELL for n in range(4)
    }
    assert BusyCell.objects.count() == 8


def test_a_stranger_can_do_nothing():
    meeting, stranger = MeetingFactory(), UserFactory()

    for verb in (
        lambda: meeting.reschedule(to=MONDAY + timedelta(hours=3), by=stranger, now=NOW),
        lambda: meeting.cancel(by=stranger, now=NOW),
        lambda: meeting.join(by=stranger, now=MONDAY),
        lambda: meeting.complete(by=stranger, now=MONDAY),
        lambda: meeting.rate(rating=5, by=stranger),
        lambda: meeting.write_notes("x", by=stranger, seen=0),
        lambda: meeting.write_private_note("x", by=stranger),
    ):
        with pytest.raises(NotAllowed):
            verb()


def test_the_life_of_a_meeting():
    with TestCase.captureOnCommitCallbacks(execute=True):
        meeting = book(MentorFactory(), UserFactory())
    meeting.refresh_from_db()

    with pytest.raises(TooEarlyToJoin):
        meeting.join(by=meeting.learner, now=MONDAY - timedelta(minutes=11))
    room = meeting.join(by=meeting.learner, now=MONDAY - timedelta(minutes=10))
    assert room == meeting.meeting_link
    assert meeting.status == Status.IN_PROGRESS
    with pytest.raises(WrongStatus):
        meeting.cancel(by=meeting.mentor, now=MONDAY)
    meeting.complete(by=meeting.mentor, now=MONDAY)
    meeting.rate(rating=4, feedback="Clear", by=meeting.learner)

    assert (meeting.status, meeting.rating) == (Status.COMPLETED, 4)
    assert meeting.mentor.mentor_profile.rating == 4.0


def test_the_same_form_books_once():
    mentor, learner = MentorFactory(), UserFactory()
    key = Meeting().pk

    first = book(mentor, learner, form_key=key)
    again = book(mentor, learner, form_key=key)

    assert first == again
    assert Meeting.objects.count() == 1
