"""A copy that is made while people book, and restored in another place."""

import time

import pytest
from django.utils import timezone

from meetings.models import Meeting
from tests.e2e.kills.checks import (
    assert_events,
    assert_mails,
    assert_people_are_told,
    wait_until_settled,
)
from tests.e2e.kills.clients import Crowd
from tests.e2e.kills.copying import copy, put_back
from tests.e2e.kills.test_kills import IN_HAND
from tests.e2e.races.database import as_default, assert_nobody_is_booked_twice
from tests.factories import MentorFactory, UserFactory

pytestmark = pytest.mark.race

PEOPLE = 20


def test_a_copy_has_all_that_was_acknowledged_before_it(world, tmp_path):
    mentors = [MentorFactory(horizon=180) for _mentor in range(10)]
    learners = [UserFactory() for _person in range(PEOPLE)]
    with Crowd(world.stack, learners, mentors) as crowd:
        crowd.wait_for(20)
        acknowledged, began = set(crowd.told.booked), timezone.now()
        copy(world.stack.env, tmp_path / "copy")
        crowd.wait_for(10)
    wait_until_settled(world.stack)
    world.stack.kill()
    mailed = world.mail.times_taken()

    there = world.empty_stack()
    put_back(there.env, tmp_path / "copy", began.isoformat())
    with as_default(there.env["DATABASE_URL"]):
        before = {str(pk) for pk in Meeting.objects.values_list("pk", flat=True)}
        assert_nobody_is_booked_twice()
        assert_people_are_told(Meeting.objects.all())
        there.start()
        time.sleep(5)
        mailed_again = world.mail.times_taken()
        with Crowd(there, learners, mentors) as later:
            later.wait_for(10)
        wait_until_settled(there)
        there.kill()
        assert_nobody_is_booked_twice()
        assert_events(world.google, Meeting.objects.all())
        assert_mails(world.mail, in_hand=IN_HAND)

    assert acknowledged <= before <= crowd.told.booked.keys()
    assert mailed_again == mailed
    assert later.told.wrong == []
