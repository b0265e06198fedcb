"""The demo data has all kinds of meetings, at whatever time it is made."""

from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction

from accounts.models import MentorProfile, User
from meetings.domain.grid import Interval
from meetings.domain.policy import Status
from meetings.management.demo import content
from meetings.models import Meeting, SessionType
from meetings.scheduling.free_slots import free_slots

pytestmark = pytest.mark.django_db

MOMENTS = [
    pytest.param(datetime(2026, 11, 22, 16, 7, tzinfo=UTC), id="a Sunday"),
    pytest.param(datetime(2027, 3, 28, 0, 59, tzinfo=UTC), id="the clocks change in Europe"),
    pytest.param(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), id="New Year's Eve"),
    pytest.param(datetime(2028, 2, 29, 12, 0, tzinfo=UTC), id="a leap day"),
]


@pytest.fixture(scope="module", params=MOMENTS)
def now(request, django_db_setup, django_db_blocker):
    """The time at which the data was made, once for all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(request.param, tick=False):
            call_command("demo_data", stdout=StringIO())
        yield request.param
        transaction.set_rollback(True)


def test_every_state_of_a_meeting_is_on_the_learners_dashboard(now):
    lena = User.objects.get(email="lena@example.com")
    mine = Meeting.objects.of(lena)
    upcoming = list(mine.upcoming(now))
    assert [each.status for each in upcoming] == [Status.IN_PROGRESS] + 4 * [Status.SCHEDULED]
    assert upcoming[0].scheduled_at <= now < upcoming[0].ends_at
    assert mine.unanswered(now).count() == 1
    assert mine.unrated().count() == 1
    assert mine.filter(status=Status.CANCELLED).exclude(cancel_reason="").count() == 2
    assert mine.filter(rating__isnull=False).count() >= 5


def test_the_mentor_is_asked_booked_and_learns_too(now):
    amara = User.objects.get(email="amara@example.com")
    upcoming = Meeting.objects.of(amara).upcoming(now)
    assert upcoming.filter(mentor=amara).count() == 3
    assert upcoming.filter(learner=amara).count() == 1
    assert Meeting.objects.of(amara).unanswered(now).count() == 1


def test_every_planned_meeting_has_found_its_time(now):
    planned = [each.subject for each in [*content.past(), *content.coming()]] + [
        content.running().subject
    ]
    assert sorted(Meeting.objects.values_list("subject", flat=True)) == sorted(planned)


def test_nobody_was_in_two_places_at_once(now):
    spans: dict[object, list[Interval]] = {}
    for meeting in Meeting.objects.exclude(status=Status.CANCELLED):
        for person in (meeting.mentor_id, meeting.learner_id):
            assert not any(meeting.span.overlaps(other) for other in spans.get(person, ()))
            spans.setdefault(person, []).append(meeting.span)


def test_every_mentor_can_be_booked_within_the_horizon(now):
    listed = {profile.pk for profile in MentorProfile.objects.listed()}
    types = SessionType.objects.defaults_of(listed)
    assert types.keys() == listed
    for each in types.values():
        free = free_slots(each, Interval(now, now + each.slot_rules.horizon))
        for duration in each.durations:
            assert free.all(duration, now=now), (each.mentor, duration)
