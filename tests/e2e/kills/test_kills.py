"""kill -9 of everything at once, again and again, while people book.

KILLS is how often (20 in `make soak`).
"""

import os
import time
from random import Random

import pytest

from meetings.models import Meeting, Notification
from meetings.models.claims import LEASE
from tests.e2e.kills.checks import (
    assert_events,
    assert_mails,
    assert_people_are_told,
    wait_until_settled,
)
from tests.e2e.kills.clients import Crowd
from tests.e2e.races.database import assert_nobody_is_booked_twice
from tests.factories import MentorFactory, UserFactory

pytestmark = pytest.mark.race

KILLS = int(os.environ.get("KILLS", "3"))
# Number of clients; each books once a second.
PEOPLE = 20
# How many mails a worker claims at a time, and so may send again after a kill.
IN_HAND = 2


def test_nothing_that_was_acknowledged_is_lost_and_nothing_is_half_done(world):
    stack, random = world.stack, Random()
    mentors = [MentorFactory(horizon=180) for _mentor in range(10)]
    with Crowd(stack, [UserFactory() for _person in range(PEOPLE)], mentors) as crowd:
        for _kill in range(KILLS):
            crowd.wait_for(10)
            time.sleep(random.uniform(0, 3))
            stack.kill()
            stack.start()
        crowd.wait_for(10)
    if crowd.told.lost:
        # How long a killed request keeps its key.
        time.sleep(LEASE.total_seconds())
        crowd.ask_again()
    wait_until_settled(stack)
    stack.kill()

    told, meetings = crowd.told, {str(each.pk): each for each in Meeting.objects.all()}
    assert (told.lost, told.wrong) == ([], [])
    assert set(told.refused) <= {"slot_taken"}
    assert meetings.keys() == told.booked.keys()
    for pk, asked in told.booked.items():
        assert str(meetings[pk].mentor_id) == asked["mentorId"]
        assert meetings[pk].scheduled_at.isoformat() == asked["scheduledAt"]
    assert_nobody_is_booked_twice()
    assert_people_are_told(meetings.values())
    assert_events(world.google, meetings.values())
    assert set(Notification.objects.filter(kind="booked").values_list("mail_state", flat=True)) == {
        "sent"
    }
    assert_mails(world.mail, in_hand=IN_HAND * KILLS)
