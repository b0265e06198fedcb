from datetime import UTC, datetime, timedelta

import pytest

from meetings.domain.errors import (
    BeyondHorizon,
    DayFull,
    DurationNotOffered,
    NotOffered,
    OffGrid,
    OwnTimeTaken,
    SlotTaken,
    TooSoon,
)
from meetings.domain.grid import CELL
from meetings.models import BookingRules, SessionType
from meetings.scheduling.slot_check import check_bookable
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.booking.bookings import NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
QUERIES = 5


def type_of(profile):
    return SessionType.objects.with_rules().get(mentor=profile.pk)


def check(profile, start=MONDAY, duration=60, *, learner=None, now=NOW, **options):
    learner_id = (learner or UserFactory.build()).pk
    return check_bookable(type_of(profile), learner_id, start, duration, now=now, **options)


def refusal(*arguments, **options):
    """`(type of the error, nearest free starts)`."""
    with pytest.raises(SlotTaken) as raised:
        check(*arguments, **options)
    return type(raised.value), raised.value.nearest


def test_what_no_page_could_ask_for_is_refused():
    profile = MentorFactory(durations=[60])

    with pytest.raises(OffGrid):
        check(profile, MONDAY + timedelta(minutes=5))
    with pytest.raises(DurationNotOffered):
        check(profile, duration=30)


def test_everything_is_read_once(django_assert_num_queries):
    profile = MentorFactory()
    session_type, nobody = type_of(profile), UserFactory.build().pk

    with django_assert_num_queries(QUERIES):
        found = check_bookable(session_type, nobody, MONDAY, 60, now=NOW)
        assert found.refusal() is None
        assert not found.filled_meanwhile()


@pytest.mark.parametrize(
    ("now", "kind", "nearest"),
    [
        (MONDAY - 2 * HOUR + CELL, TooSoon, [MONDAY + n * HOUR for n in (1, 2, 3)]),
        (MONDAY - 7 * DAY - CELL, BeyondHorizon, []),
    ],
)
def test_notice_and_horizon_have_a_reason_of_their_own(now, kind, nearest):
    profile = MentorFactory(
        weekly={0: [(720, 960)]}, durations=[60], step=60, notice=120, horizon=7
    )

    assert refusal(profile, now=now) == (kind, nearest)


def test_who_is_busy_is_told_apart_and_the_nearest_are_free_for_both():
    learner = UserFactory()
    profile = MentorFactory(weekly={0: [(720, 960)]}, durations=[60], step=60)
    MeetingFactory(mentor=profile.user)
    MeetingFactory(learner=learner, scheduled_at=MONDAY + HOUR)
    free = [MONDAY + 2 * HOUR, MONDAY + 3 * HOUR]

    assert refusal(profile, MONDAY, learner=learner) == (SlotTaken, free)
    assert refusal(profile, MONDAY + HOUR, learner=learner) == (OwnTimeTaken, free)
    assert refusal(profile, MONDAY + 4 * HOUR, learner=learner) == (NotOffered, free)


@pytest.mark.parametrize("limited", [BookingRules, SessionType])
def test_a_full_day_is_said_to_be_full_and_other_days_are_offered(limited):
    profile = MentorFactory(weekly={0: [(720, 840)], 1: [(720, 840)]}, durations=[60], step=60)
    limited.objects.update(most_a_day=1)
    MeetingFactory(mentor=profile.user)
    tuesday = [MONDAY + DAY, MONDAY + DAY + HOUR]

    assert refusal(profile, MONDAY + HOUR) == (DayFull, tuesday)
    assert refusal(profile, MONDAY) == (DayFull, tuesday)
    assert refusal(profile, MONDAY + 2 * HOUR) == (NotOffered, tuesday)
    assert check(profile, MONDAY + DAY)


def test_a_day_is_the_mentors_and_ends_at_their_midnight():
    profile = MentorFactory(user__timezone="Asia/Kathmandu", step=15, most_a_day=1)
    midnight = datetime(2027, 3, 1, 18, 15, tzinfo=UTC)
    MeetingFactory(mentor=profile.user, scheduled_at=midnight - 3 * HOUR)

    assert refusal(profile, midnight - CELL)[0] is DayFull
    assert check(profile, midnight)


def test_a_meeting_may_move_within_its_full_day_and_not_into_another():
    profile = MentorFactory(most_a_day=1)
    meeting = MeetingFactory(mentor=profile.user)
    MeetingFactory(mentor=profile.user, scheduled_at=MONDAY + DAY)

    assert check(profile, MONDAY + HOUR, moving=meeting)
    assert refusal(profile, MONDAY + DAY + HOUR, moving=meeting)[0] is DayFull
    assert refusal(profile, MONDAY + HOUR)[0] is DayFull


def test_what_filled_the_day_after_the_check_is_seen_when_it_is_asked_again():
    profile = MentorFactory(most_a_day=1)
    found = check(profile)
    assert not found.filled_meanwhile()

    MeetingFactory(mentor=profile.user, scheduled_at=MONDAY + 3 * HOUR)

    assert found.refusal() is None
    assert found.filled_meanwhile()


def test_what_was_taken_after_the_check_says_by_whom():
    learner = UserFactory()
    profile = MentorFactory(weekly={0: [(720, 960)]}, durations=[60], step=60)
    found, again = check(profile, learner=learner), check(profile, MONDAY + HOUR, learner=learner)

    MeetingFactory(mentor=profile.user)
    MeetingFactory(learner=learner, scheduled_at=MONDAY + HOUR)

    free = [MONDAY + 2 * HOUR, MONDAY + 3 * HOUR]
    refused = [each.refused_meanwhile() for each in (found, again)]
    assert [(type(each), each.nearest) for each in refused] == [
        (SlotTaken, free),
        (OwnTimeTaken, free),
    ]


def test_a_meeting_that_moves_is_not_in_its_own_way_when_another_was_quicker():
    profile = MentorFactory(weekly={0: [(720, 960)]}, durations=[60], step=60)
    meeting = MeetingFactory(mentor=profile.user)
    found = check(profile, MONDAY + HOUR, learner=meeting.learner, moving=meeting)

    MeetingFactory(mentor=profile.user, scheduled_at=MONDAY + HOUR)

    assert found.refused_meanwhile().nearest == [MONDAY, MONDAY + 2 * HOUR, MONDAY + 3 * HOUR]
