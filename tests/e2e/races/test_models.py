"""Several processes store meetings without any check: only the database refuses."""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from meetings.models import Meeting
from tests.e2e.races.database import assert_nobody_is_booked_twice
from tests.e2e.races.processes import workers
from tests.factories import MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.race

ROUNDS = 20
PROCESSES = 6
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def crew(site):
    with workers(site.env, PROCESSES) as started:
        yield started


@pytest.fixture
def monday():
    """A morning in the future."""
    in_two_days = timezone.now() + timedelta(days=2)
    return in_two_days.replace(hour=10, minute=0, second=0, microsecond=0)


def test_saving_past_every_check_stores_one(crew, monday):
    mentor, learners = MentorFactory().user, [UserFactory() for _n in range(PROCESSES)]
    for hours in range(ROUNDS):
        start = monday + hours * HOUR

        outcomes = crew.at_once(
            [
                {"verb": "save", "mentor": mentor.pk, "learner": learner.pk}
                | {"start": start + n % 2 * 30 * MINUTE, "duration": 60 - n % 2 * 30}
                for n, learner in enumerate(learners)
            ]
        )

        assert Counter(outcomes) == {"done": 1, "slot_taken": PROCESSES - 1}
    assert Meeting.objects.count() == ROUNDS


def test_saving_everybody_with_everybody_leaves_nobody_in_two_places(crew, monday):
    """In a ring, each is the mentor of the next and the learner of the one before."""
    ring = [MentorFactory().user for _n in range(PROCESSES)]
    for hours in range(ROUNDS):
        outcomes = crew.at_once(
            [
                {"verb": "save", "mentor": mentor.pk, "learner": ring[n - 1].pk}
                | {"start": monday + hours * HOUR, "duration": 60}
                for n, mentor in enumerate(ring)
            ]
        )

        assert set(outcomes) <= {"done", "slot_taken"}
        assert "done" in outcomes
        assert_nobody_is_booked_twice()


def test_crossed_moves_never_wait_for_each_other_in_a_ring(crew, monday):
    """Two people with six meetings, in both roles, all moved between few times concurrently."""
    one, other = MentorFactory(horizon=60).user, MentorFactory(horizon=60).user
    meetings = [
        MeetingFactory(
            mentor=(one, other)[n % 2], learner=(other, one)[n % 2], scheduled_at=monday + n * HOUR
        )
        for n in range(PROCESSES)
    ]
    starts = [monday + n * 30 * MINUTE for n in range(3 * PROCESSES)]

    outcomes = crew.at_once(
        [
            {"verb": "move_about", "meeting": meeting.pk, "starts": starts, "times": 40, "seed": n}
            for n, meeting in enumerate(meetings)
        ]
    )

    words = {word for outcome in outcomes for word in outcome.split(" ")}
    assert words <= {"done", "slot_taken"}
    assert "done" in words


def test_the_limit_holds_across_processes(crew, monday):
    learner = UserFactory()
    mentors = [MentorFactory(horizon=60).user for _n in range(PROCESSES)]
    starts = [
        [monday + timedelta(days=day) + n * HOUR for day in range(8)] for n in range(PROCESSES)
    ]

    outcomes = crew.at_once(
        [
            {"verb": "book", "mentor": mentor.pk, "learner": learner.pk, "starts": theirs}
            for mentor, theirs in zip(mentors, starts, strict=True)
        ]
    )

    assert Meeting.objects.filter(learner=learner).count() == settings.UPCOMING_MEETINGS_LIMIT
    assert {word for outcome in outcomes for word in outcome.split(" ")[1:]} == {
        "too_many_meetings"
    }
