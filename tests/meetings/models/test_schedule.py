from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from meetings.domain.grid import CELL, Interval
from meetings.domain.policy import Status
from meetings.models import BusyCell, DayOff, ExtraHours, Meeting
from meetings.models.schedule import free_slots
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTH = Interval(NOW, NOW + 31 * DAY)
QUERIES = 5


def starts(profile, window=MONTH, duration=60, **who):
    return [slot.start for slot in free_slots(profile, window, duration, now=NOW, **who)]


def past_meetings(mentor, learner, count):
    """So many meetings that are over, in rows only: their cells are purged."""
    Meeting.objects.bulk_create(
        Meeting(
            id=uuid4(),
            mentor=mentor,
            learner=learner,
            subject="Long ago",
            scheduled_at=NOW - (n + 2) * HOUR,
            ends_at=NOW - (n + 1) * HOUR,
            duration=60,
            status=Status.COMPLETED,
        )
        for n in range(count)
    )


@pytest.mark.parametrize("count", [0, 20_000])
def test_a_month_takes_the_same_queries_whatever_the_past(count, django_assert_num_queries):
    profile, learner = MentorFactory(horizon=60), UserFactory()
    past_meetings(profile.user, learner, count)
    MeetingFactory(mentor=profile.user, learner=learner)

    with django_assert_num_queries(QUERIES):
        found = starts(profile, learner_id=learner.pk)

    assert len(found) == 31 * 48 - 3


def test_hours_are_the_weekly_ones_but_for_days_off_and_with_the_extra_ones():
    profile = MentorFactory(weekly={0: [(540, 600)], 2: [(540, 600)]})
    DayOff.objects.create(
        mentor=profile.user, first_day=(NOW + 7 * DAY).date(), last_day=(NOW + 8 * DAY).date()
    )
    ExtraHours.objects.create(mentor=profile.user, day=(NOW + 7 * DAY).date(), starts=600, ends=660)

    assert starts(profile, Interval(NOW, NOW + 10 * DAY)) == [
        NOW + 9 * HOUR,
        NOW + 2 * DAY + 9 * HOUR,
        NOW + 7 * DAY + 10 * HOUR,
        NOW + 9 * DAY + 9 * HOUR,
    ]


def test_days_off_are_dates_in_the_mentors_zone():
    """All of Tuesday in Kiritimati is over at ten on Tuesday in UTC."""
    profile = MentorFactory(user__timezone="Pacific/Kiritimati", durations=[60], slot_step=60)
    tuesday = (NOW + DAY).date()
    DayOff.objects.create(mentor=profile.user, first_day=tuesday, last_day=tuesday)

    found = starts(profile, Interval(NOW, NOW + 2 * DAY))

    closed_from, closed_until = NOW + 10 * HOUR, NOW + DAY + 10 * HOUR
    assert found == [
        start
        for n in range(48)
        if not closed_from < (start := NOW + n * HOUR) + HOUR <= closed_until
    ]


def test_both_peoples_meetings_in_either_role_are_busy():
    profile, learner = MentorFactory(), UserFactory()
    MeetingFactory(mentor=profile.user, scheduled_at=NOW + 2 * HOUR)
    MeetingFactory(learner=profile.user, scheduled_at=NOW + 4 * HOUR)
    MeetingFactory(learner=learner, scheduled_at=NOW + 6 * HOUR)
    MeetingFactory(mentor=MentorFactory(user=learner).user, scheduled_at=NOW + 8 * HOUR)
    window = Interval(NOW, NOW + 10 * HOUR)

    found = starts(profile, window, learner_id=learner.pk)

    assert [start for start in found if start.minute == 0] == [
        NOW + hour * HOUR for hour in (0, 1, 3, 5, 7, 9)
    ]
    assert len(starts(profile, window)) == len(found) + 6


def test_a_meeting_that_is_to_move_is_in_nobodys_way():
    meeting = MeetingFactory(mentor=MentorFactory(gap=60).user, gap=60)
    profile = meeting.mentor.mentor_profile
    window = Interval(MONDAY - HOUR, MONDAY + 2 * HOUR)

    blocked = starts(profile, window, learner_id=meeting.learner_id)
    moving = starts(profile, window, learner_id=meeting.learner_id, ignoring=meeting.pk)

    assert blocked == []
    assert moving == [MONDAY + n * timedelta(minutes=30) for n in range(-2, 4)]


def test_what_lies_just_beyond_the_window_counts():
    profile = MentorFactory(gap=60)
    MeetingFactory(mentor=profile.user, scheduled_at=MONDAY + 2 * HOUR + 3 * CELL)

    assert starts(profile, Interval(MONDAY, MONDAY + CELL), 120) == []
    assert starts(profile, Interval(MONDAY, MONDAY + CELL), 60) == [MONDAY]


def test_a_duration_that_is_not_offered_has_no_slots():
    assert starts(MentorFactory(durations=[30]), duration=60) == []


def test_purge_forgets_only_what_is_past():
    meeting = MeetingFactory(scheduled_at=NOW)

    assert BusyCell.objects.purge(NOW + DAY) == 0
    assert BusyCell.objects.purge(NOW + DAY + CELL) == 2
    assert BusyCell.objects.purge(NOW + DAY + HOUR) == 6

    meeting.cancel(by=meeting.learner, now=NOW + 2 * DAY)
    assert not BusyCell.objects.exists()
    assert User.objects.count() == 2
