import pytest
from django.core.exceptions import ValidationError
from django.test import TestCase

from meetings.domain.errors import NotAllowed, WrongStatus
from meetings.domain.policy import Status
from tests.factories import MeetingFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_edit_changes_the_texts_and_tells_the_calendar():
    with TestCase.captureOnCommitCallbacks(execute=True):
        meeting = MeetingFactory(subject="Loops", description="for")
    seen = meeting.calendar_synced

    with TestCase.captureOnCommitCallbacks(execute=True):
        meeting.edit(by=meeting.mentor, subject="Loops and lists")

    meeting.refresh_from_db()
    assert (meeting.subject, meeting.description) == ("Loops and lists", "for")
    assert (meeting.calendar_revision, meeting.calendar_synced) == (seen + 1, seen + 1)


def test_editing_nothing_leaves_the_calendar_alone():
    meeting = MeetingFactory(subject="Loops")
    revision = meeting.calendar_revision

    meeting.edit(by=meeting.learner, subject="Loops")

    meeting.refresh_from_db()
    assert meeting.calendar_revision == revision


def test_edit_refuses_a_stranger():
    meeting = MeetingFactory()

    with pytest.raises(NotAllowed):
        meeting.edit(by=UserFactory(), subject="Mine")


def test_edit_refuses_what_has_been_called_off():
    meeting = MeetingFactory(status=Status.CANCELLED)

    with pytest.raises(WrongStatus):
        meeting.edit(by=meeting.learner, subject="Still on?")


@pytest.mark.parametrize("subject", ["", "two\nlines", "x" * 201])
def test_edit_refuses_a_text_that_is_not_fit(subject):
    meeting = MeetingFactory(subject="Loops")

    with pytest.raises(ValidationError):
        meeting.edit(by=meeting.learner, subject=subject)

    meeting.refresh_from_db()
    assert meeting.subject == "Loops"
