import pytest
from django.core.exceptions import ValidationError
from django.test import TestCase

from accounts.models import MentorProfile
from meetings.booking import texts
from meetings.domain.errors import AlreadyRated, NotAllowed, NotesChanged, WrongStatus
from meetings.domain.policy import Status
from meetings.models import Meeting, PrivateNote
from tests.factories import MeetingFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return MeetingFactory(status=Status.COMPLETED)


def test_notes_are_based_on_what_was_seen(meeting):
    stale = Meeting.objects.get(pk=meeting.pk)
    texts.write_notes(meeting, "Lists come first", by=meeting.mentor, seen=0)

    with pytest.raises(NotesChanged):
        texts.write_notes(stale, "Loops come first", by=stale.learner, seen=0)

    assert (stale.notes, stale.notes_revision) == ("Lists come first", 1)
    texts.write_notes(stale, "Both", by=stale.learner, seen=stale.notes_revision)
    assert Meeting.objects.get().notes == "Both"


def test_the_same_notes_twice_are_harmless(meeting):
    texts.write_notes(meeting, "Lists", by=meeting.mentor, seen=0)

    texts.write_notes(meeting, "Lists", by=meeting.mentor, seen=0)

    assert Meeting.objects.get().notes_revision == 1


def test_private_notes_are_each_persons_own(meeting):
    texts.write_private_note(meeting, "Explain slower", by=meeting.mentor)
    texts.write_private_note(meeting, "Ask about tuples", by=meeting.learner)
    texts.write_private_note(meeting, "Ask about sets", by=meeting.learner)

    assert texts.private_note(meeting, meeting.mentor) == "Explain slower"
    assert texts.private_note(meeting, meeting.learner) == "Ask about sets"
    assert PrivateNote.objects.count() == 2
    assert Meeting.objects.get().notes == ""


def test_a_deactivated_participant_writes_nothing(meeting):
    meeting.learner.is_active = False

    with pytest.raises(NotAllowed):
        texts.write_notes(meeting, "Still here", by=meeting.learner, seen=0)
    with pytest.raises(NotAllowed):
        texts.write_private_note(meeting, "Still here", by=meeting.learner)
    with pytest.raises(NotAllowed):
        texts.rate(meeting, rating=5, by=meeting.learner)


def test_a_rating_counts_once(meeting):
    stale = Meeting.objects.get(pk=meeting.pk)

    texts.rate(meeting, rating=4, feedback="Clear", by=meeting.learner)
    texts.rate(stale, rating=4, feedback="Clear", by=stale.learner)
    with pytest.raises(AlreadyRated):
        texts.rate(meeting, rating=5, feedback="Clear", by=meeting.learner)

    profile = MentorProfile.objects.get()
    assert (profile.rating_sum, profile.rating_count, profile.rating) == (4, 1, 4.0)
    assert Meeting.objects.get().rating == 4


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_is_one_to_five(rating, meeting):
    with pytest.raises(ValueError, match="1 to 5"):
        texts.rate(meeting, rating=rating, by=meeting.learner)


def test_a_mentor_rates_nobody(meeting):
    with pytest.raises(NotAllowed):
        texts.rate(meeting, rating=5, by=meeting.mentor)


def test_what_did_not_take_place_is_not_rated():
    meeting = MeetingFactory()
    stale = Meeting.objects.get(pk=meeting.pk)
    stale.status = Status.COMPLETED

    with pytest.raises(WrongStatus):
        texts.rate(meeting, rating=5, by=meeting.learner)
    with pytest.raises(WrongStatus):
        texts.rate(stale, rating=5, by=stale.learner)
    assert MentorProfile.objects.get().rating is None


def test_edit_changes_the_texts_and_tells_the_calendar():
    with TestCase.captureOnCommitCallbacks(execute=True):
        meeting = MeetingFactory(subject="Loops", description="for")
    seen = meeting.calendar_event.synced

    with TestCase.captureOnCommitCallbacks(execute=True):
        texts.edit(meeting, by=meeting.mentor, subject="Loops and lists")

    meeting.refresh_from_db()
    assert (meeting.subject, meeting.description) == ("Loops and lists", "for")
    assert (meeting.calendar_event.sequence, meeting.calendar_event.synced) == (seen + 1, seen + 1)


def test_editing_nothing_leaves_the_calendar_alone():
    meeting = MeetingFactory(subject="Loops")
    revision = meeting.calendar_event.sequence

    texts.edit(meeting, by=meeting.learner, subject="Loops")

    meeting.refresh_from_db()
    assert meeting.calendar_event.sequence == revision


def test_edit_refuses_a_stranger():
    meeting = MeetingFactory()

    with pytest.raises(NotAllowed):
        texts.edit(meeting, by=UserFactory(), subject="Mine")


def test_edit_refuses_what_has_been_called_off():
    meeting = MeetingFactory(status=Status.CANCELLED)

    with pytest.raises(WrongStatus):
        texts.edit(meeting, by=meeting.learner, subject="Still on?")


@pytest.mark.parametrize("subject", ["", "two\nlines", "x" * 201])
def test_edit_refuses_a_text_that_is_not_fit(subject):
    meeting = MeetingFactory(subject="Loops")

    with pytest.raises(ValidationError):
        texts.edit(meeting, by=meeting.learner, subject=subject)

    meeting.refresh_from_db()
    assert meeting.subject == "Loops"
