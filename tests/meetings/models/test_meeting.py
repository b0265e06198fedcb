from datetime import timedelta

import pytest

from meetings.domain.errors import SlotTaken
from meetings.domain.grid import CELL
from meetings.models import Meeting
from tests.factories import MONDAY, MeetingFactory, UserFactory
from tests.meetings.booking.bookings import cells_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_save_refuses_what_overlaps_without_asking_any_check():
    first = MeetingFactory()

    with pytest.raises(SlotTaken):
        MeetingFactory(mentor=first.mentor, scheduled_at=MONDAY + 45 * MINUTE)

    assert Meeting.objects.count() == 1


def test_saving_a_refused_meeting_at_another_time_takes_its_cells():
    taken = MeetingFactory()
    meeting = MeetingFactory.build(mentor=taken.mentor, learner=UserFactory(), scheduled_at=MONDAY)
    with pytest.raises(SlotTaken):
        meeting.save()

    meeting.scheduled_at = MONDAY + HOUR
    meeting.save()

    assert cells_of(meeting.learner) == [MONDAY + HOUR + n * CELL for n in range(4)]


def test_a_meeting_off_the_grid_takes_every_cell_that_it_touches():
    meeting = MeetingFactory(scheduled_at=MONDAY + MINUTE, duration=30)

    assert cells_of(meeting.learner) == [MONDAY + n * CELL for n in range(3)]
