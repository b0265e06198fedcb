import pytest

from accounts.models import MentorProfile
from meetings.domain.errors import AlreadyRated, NotAllowed, NotesChanged, WrongStatus
from meetings.domain.policy import Status
from meetings.models import Meeting, PrivateNote
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return MeetingFactory(status=Status.COMPLETED)


def test_notes_are_based_on_what_was_seen(meeting):
    stale = Meeting.objects.get(pk=meeting.pk)
    meeting.write_notes("Lists come first", by=meeting.mentor, seen=0)

    with pytest.raises(NotesChanged):
        stale.write_notes("Loops come first", by=stale.learner, seen=0)

    assert (stale.notes, stale.notes_revision) == ("Lists come first", 1)
    stale.write_notes("Both", by=stale.learner, seen=stale.notes_revision)
    assert Meeting.objects.get().notes == "Both"


def test_the_same_notes_twice_are_harmless(meeting):
    meeting.write_notes("Lists", by=meeting.mentor, seen=0)

    meeting.write_notes("Lists", by=meeting.mentor, seen=0)

    assert Meeting.objects.get().notes_revision == 1


def test_private_notes_are_each_persons_own(meeting):
    meeting.write_private_note("Explain slower", by=meeting.mentor)
    meeting.write_private_note("Ask about tuples", by=meeting.learner)
    meeting.write_private_note("Ask about sets", by=meeting.learner)

    assert meeting.private_note(meeting.mentor) == "Explain slower"
    assert meeting.private_note(meeting.learner) == "Ask about sets"
    assert PrivateNote.objects.count() == 2
    assert Meeting.objects.get().notes == ""


def test_a_deactivated_participant_writes_nothing(meeting):
    meeting.learner.is_active = False

    with pytest.raises(NotAllowed):
        meeting.write_notes("Still here", by=meeting.learner, seen=0)
    with pytest.raises(NotAllowed):
        meeting.write_private_note("Still here", by=meeting.learner)
    with pytest.raises(NotAllowed):
        meeting.rate(rating=5, by=meeting.learner)


def test_a_rating_counts_once(meeting):
    stale = Meeting.objects.get(pk=meeting.pk)

    meeting.rate(rating=4, feedback="Clear", by=meeting.learner)
    stale.rate(rating=4, feedback="Clear", by=stale.learner)
    with pytest.raises(AlreadyRated):
        meeting.rate(rating=5, feedback="Clear", by=meeting.learner)

    profile = MentorProfile.objects.get()
    assert (profile.rating_sum, profile.rating_count, profile.rating) == (4, 1, 4.0)
    assert Meeting.objects.get().rating == 4


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_is_one_to_five(rating, meeting):
    with pytest.raises(ValueError, match="1 to 5"):
        meeting.rate(rating=rating, by=meeting.learner)


def test_a_mentor_rates_nobody(meeting):
    with pytest.raises(NotAllowed):
        meeting.rate(rating=5, by=meeting.mentor)


def test_what_did_not_take_place_is_not_rated():
    meeting = MeetingFactory()
    stale = Meeting.objects.get(pk=meeting.pk)
    stale.status = Status.COMPLETED

    with pytest.raises(WrongStatus):
        meeting.rate(rating=5, by=meeting.learner)
    with pytest.raises(WrongStatus):
        stale.rate(rating=5, by=stale.learner)
    assert MentorProfile.objects.get().rating is None
