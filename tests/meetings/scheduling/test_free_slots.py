from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from meetings.domain.grid import CELL, Interval
from meetings.domain.policy import Status
from meetings.models import DayOff, ExtraHours, Meeting, SessionType
from meetings.scheduling.free_slots import free_slots
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTH = Interval(NOW, NOW + 31 * DAY)
QUERIES = 5


def starts(profile, window=MONTH, duration=60, **who):
    session_type = SessionType.objects.with_rules().get(mentor=profile.pk)
    return [slot.start for slot in free_slots(session_type, window, **who).all(duration, now=NOW)]


def past_meetings(mentor, learner, count):
    """Store that many past meetings, without cells, since those are purged."""
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


@pytest.mark.parametrize("count", [0, pytest.param(20_000, marks=pytest.mark.slow)])
def test_a_month_takes_the_same_queries_whatever_the_past(count, django_assert_num_queries):
    profile, learner = MentorFactory(horizon=60), UserFactory()
    past_meetings(profile.user, learner, count)
    MeetingFactory(mentor=profile.user, learner=learner)

    session_type = SessionType.objects.with_rules().get(mentor=profile.pk)

    with django_assert_num_queries(QUERIES):
        found = free_slots(session_type, MONTH, learner_id=learner.pk).all(60, now=NOW)

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
    """Tuesday in Kiritimati ends at 10:00 UTC on Tuesday."""
    profile = MentorFactory(user__timezone="Pacific/Kiritimati", durations=[60], step=60)
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
    meeting = MeetingFactory(mentor=MentorFactory(gap_after=60).user, gap_after=60)
    profile = meeting.mentor.mentor_profile
    window = Interval(MONDAY - HOUR, MONDAY + 2 * HOUR)

    blocked = starts(profile, window, learner_id=meeting.learner_id)
    moving = starts(profile, window, learner_id=meeting.learner_id, moving=meeting)

    assert blocked == []
    assert moving == [MONDAY + n * timedelta(minutes=30) for n in range(-2, 4)]


def test_what_lies_just_beyond_the_window_counts():
    profile = MentorFactory(gap_after=60)
    MeetingFactory(mentor=profile.user, scheduled_at=MONDAY + 2 * HOUR + 3 * CELL)

    assert starts(profile, Interval(MONDAY, MONDAY + CELL), 120) == []
    assert starts(profile, Interval(MONDAY, MONDAY + CELL), 60) == [MONDAY]


def test_a_day_with_as_many_meetings_as_the_mentor_wants_takes_no_more():
    """Dates are in the mentor's zone; running and past meetings count, cancelled ones do not."""
    profile = MentorFactory(user__timezone="Asia/Tokyo", durations=[60], step=60, most_a_day=2)
    tokyo_midnight = NOW + 15 * HOUR
    for hours, status in (
        (-1, Status.SCHEDULED),
        (0, Status.COMPLETED),
        (1, Status.CANCELLED),
        (23, Status.IN_PROGRESS),
        (24, Status.SCHEDULED),
    ):
        start = tokyo_midnight + hours * HOUR
        MeetingFactory(mentor=profile.user, scheduled_at=start, status=status)
    MeetingFactory(learner=profile.user, scheduled_at=tokyo_midnight - 2 * HOUR)

    found = starts(profile, Interval(NOW, NOW + 3 * DAY))

    tuesday = [tokyo_midnight + n * HOUR for n in range(24)]
    taken = [tokyo_midnight + n * HOUR for n in (-2, -1, 24)]
    every = [NOW + n * HOUR for n in range(72)]
    assert found == [start for start in every if start not in (*tuesday, *taken)]


def test_a_type_may_have_a_limit_of_its_own_beside_the_mentors():
    profile = MentorFactory(weekly={0: [(720, 960)]}, durations=[60], step=60, most_a_day=3)
    short, long = SessionType.objects.get(), SessionType(mentor=profile.user, position=1)
    SessionType.objects.update(most_a_day=1)
    long.save()
    monday = Interval(MONDAY, MONDAY + DAY)

    def counted():
        types = SessionType.objects.with_rules().order_by("position")
        return [len(free_slots(each, monday).all(60, now=NOW)) for each in types]

    seen = [counted()]
    for hours, session_type in enumerate((short, long, long)):
        start = MONDAY + hours * HOUR
        MeetingFactory(mentor=profile.user, scheduled_at=start, session_type=session_type)
        seen.append(counted())

    assert seen == [[4, 4], [0, 3], [0, 2], [0, 0]]


def test_a_meeting_that_is_to_move_does_not_fill_its_day():
    profile = MentorFactory(weekly={0: [(720, 960)]}, durations=[60], step=60, most_a_day=1)
    meeting = MeetingFactory(mentor=profile.user)
    monday = Interval(MONDAY, MONDAY + DAY)

    assert starts(profile, monday) == []
    assert starts(profile, monday, moving=meeting) == [MONDAY + n * HOUR for n in range(4)]


@pytest.mark.parametrize(("most_a_day", "more"), [(None, 0), (3, 1)])
def test_a_limit_costs_one_query(most_a_day, more, django_assert_num_queries):
    profile = MentorFactory(most_a_day=most_a_day)
    session_type = SessionType.objects.with_rules().get(mentor=profile.pk)

    with django_assert_num_queries(QUERIES + more):
        free_slots(session_type, MONTH, learner_id=UserFactory.build().pk)


def test_a_duration_that_is_not_offered_has_no_slots():
    assert starts(MentorFactory(durations=[30]), duration=60) == []
