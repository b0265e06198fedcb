from collections import defaultdict
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import User
from meetings.booking import lifecycle
from meetings.domain.errors import BookingError, SlotTaken
from meetings.domain.grid import CELL, cell_of
from meetings.domain.policy import Status
from meetings.models import BusyCell, Meeting
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.booking.bookings import NOW, book

pytestmark = pytest.mark.django_db

MEETING = BusyCell.OwnerKind.MEETING
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def taken():
    """`{owner: {(person, cell)}}` of the stored cells."""
    cells = defaultdict(set)
    for each in BusyCell.objects.filter(owner_kind=MEETING):
        cells[each.owner_id].add((each.person_id, cell_of(each.starts_at)))
    return cells


def wanted():
    """The cells that should be stored: those of all meetings except cancelled ones."""
    meetings = Meeting.objects.exclude(status=Status.CANCELLED)
    return {meeting.pk: meeting.cells() for meeting in meetings}


def test_cells_are_taken_all_or_none():
    one, other, first, second = UserFactory(), UserFactory(), uuid4(), uuid4()
    BusyCell.objects.take(MEETING, first, {(one.pk, 100), (one.pk, 101)})

    with pytest.raises(SlotTaken), transaction.atomic():
        BusyCell.objects.take(MEETING, second, {(other.pk, 101), (one.pk, 101), (one.pk, 102)})

    assert taken() == {first: {(one.pk, 100), (one.pk, 101)}}


def test_cells_are_released_by_their_owner_some_or_all():
    one, other, mine, theirs = UserFactory(), UserFactory(), uuid4(), uuid4()
    BusyCell.objects.take(MEETING, mine, {(one.pk, 100), (one.pk, 101), (other.pk, 100)})
    BusyCell.objects.take(MEETING, theirs, {(other.pk, 101)})

    BusyCell.objects.release(MEETING, mine, {(one.pk, 101), (other.pk, 100), (other.pk, 101)})
    assert taken() == {mine: {(one.pk, 100)}, theirs: {(other.pk, 101)}}

    BusyCell.objects.release(MEETING, mine)
    assert taken() == {theirs: {(other.pk, 101)}}


@pytest.mark.parametrize(
    "delete",
    [
        lambda meeting: meeting.delete(),
        lambda meeting: Meeting.objects.filter(pk=meeting.pk).delete(),
        lambda meeting: Meeting.objects.of(meeting.learner).order_by("subject").delete(),
    ],
    ids=["itself", "queryset", "ordered queryset"],
)
def test_a_deleted_meeting_frees_its_cells(delete):
    mentor = MentorFactory().user
    meeting = MeetingFactory(mentor=mentor)
    other = MeetingFactory(mentor=mentor, scheduled_at=MONDAY + HOUR)

    delete(meeting)

    assert list(Meeting.objects.all()) == [other]
    assert taken() == {other.pk: other.cells()}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_each_cell_has_its_owner_and_each_meeting_its_cells(seed):
    """Some of the many random requests are refused, and change nothing."""
    some = Wishes(Random(seed))
    for _wish in range(10):
        some.attempt(some.booking)

    for _wish in range(100):
        some.attempt(some.random.choice(some.any_of))

        assert taken() == wanted()
    assert some.granted == {each.__name__ for each in some.any_of}
    assert {"booking", "unchecked", "move"} <= some.refused


class Wishes:
    """Random requests within two busy days. granted, refused: their names."""

    def __init__(self, random):
        self.random = random
        self.granted, self.refused = set(), set()
        gaps = (0, 15, 45)
        self.mentors = [
            MentorFactory(gap_before=random.choice(gaps), gap_after=random.choice(gaps))
            for _mentor in range(3)
        ]
        # One of the mentors is a learner too.
        self.learners = [UserFactory(), UserFactory(), self.mentors[0].user]
        self.any_of = [
            *(self.booking, self.unchecked, self.move),
            *(self.cancel, self.join, self.complete, self.delete),
        ]

    def attempt(self, wish):
        try:
            wish()
            self.granted.add(wish.__name__)
        except BookingError:
            self.refused.add(wish.__name__)

    def booking(self):
        mentor, learner = self.random.choice(self.mentors), self.random.choice(self.learners)
        book(mentor, learner, self._start(), self.random.choice([30, 90]))

    def unchecked(self):
        mentor, learner = self.random.choice(self.mentors[1:]), self.random.choice(self.learners)
        MeetingFactory(mentor=mentor.user, learner=learner, scheduled_at=self._start() + CELL)

    def move(self):
        meeting, person = self._meeting()
        lifecycle.reschedule(meeting, to=self._start(), by=person, now=NOW)

    def cancel(self):
        meeting, person = self._meeting()
        lifecycle.cancel(meeting, by=person, now=NOW)

    def join(self):
        meeting, person = self._meeting()
        lifecycle.join(meeting, by=person, now=meeting.scheduled_at)

    def complete(self):
        meeting, person = self._meeting()
        lifecycle.complete(meeting, by=person, now=meeting.scheduled_at)

    def delete(self):
        meeting, _person = self._meeting()
        meeting.delete()

    def _start(self):
        return MONDAY + self.random.randrange(48) * 2 * CELL

    def _meeting(self):
        """A random meeting, and one of its participants."""
        meeting = self.random.choice(list(Meeting.objects.order_by("created_at")))
        return meeting, self.random.choice([meeting.mentor, meeting.learner])


def test_purge_forgets_only_what_is_past():
    meeting = MeetingFactory(scheduled_at=NOW)

    assert BusyCell.objects.purge(NOW + DAY) == 0
    assert BusyCell.objects.purge(NOW + DAY + CELL) == 2
    assert BusyCell.objects.purge(NOW + DAY + HOUR) == 6

    lifecycle.cancel(meeting, by=meeting.learner, now=NOW + 2 * DAY)
    assert not BusyCell.objects.exists()
    assert User.objects.count() == 2
