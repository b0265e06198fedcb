"""Every start that a page offers can be booked, and no other."""

from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from meetings.booking.book import book as book_meeting
from meetings.domain.errors import SlotTaken
from meetings.domain.grid import Interval
from meetings.models import BusyCell, DayOff, ExtraHours, SessionType
from meetings.scheduling.free_slots import free_slots
from tests.factories import MeetingFactory, MentorFactory, UserFactory
from tests.meetings.domain.oracle import QUARTER, clock_changes

pytestmark = pytest.mark.django_db

ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Auckland",
    "Pacific/Chatham",
]
CHANGES = [
    pytest.param(zone, change, id=f"{zone}-{change:%Y-%m-%d}")
    for zone in ZONES
    for change in clock_changes(ZoneInfo(zone), [2026])
]


class Undone(Exception):
    """Raised to roll back the transaction of a trial booking."""


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_exactly_what_is_offered_can_be_booked(zone, change):
    random = Random(f"{zone} {change}")
    mentor, learner = some_mentor(random, zone, change), UserFactory()
    busy_people(random, mentor, learner, change)
    now = change - timedelta(days=4)
    window = Interval(change - timedelta(days=1), change + timedelta(days=1))
    session_type = SessionType.objects.with_rules().get(mentor=mentor.pk)
    duration = random.choice(session_type.durations)

    slots = free_slots(session_type, window, learner_id=learner.pk).all(duration, now=now)

    offered = {slot.start for slot in slots}
    every = [window.start + n * QUARTER for n in range(2 * 96)]
    free = [start for start in every if start in offered]
    others = [start for start in every if start not in offered]
    assert len(free) == len(slots)
    for start in random.sample(free, min(8, len(free))):
        assert is_bookable(mentor, learner, start, duration, now)
    for start in random.sample(others, min(8, len(others))):
        assert not is_bookable(mentor, learner, start, duration, now)


def is_bookable(mentor, learner, start, duration, now):
    """Whether a booking succeeds; it is rolled back."""
    try:
        with transaction.atomic():
            meeting = book_meeting(
                mentor_id=mentor.user.pk,
                learner=learner,
                subject="Loops",
                start=start,
                duration=duration,
                now=now,
            )
            rules = mentor.user.booking_rules
            owned = BusyCell.objects.of(BusyCell.OwnerKind.MEETING, meeting.pk)
            assert owned.count() * 15 == 2 * duration + rules.gap_before + rules.gap_after
            raise Undone
    except Undone:
        return True
    except SlotTaken:
        return False


def some_mentor(random, zone, change):
    def ranges():
        edges = sorted(random.sample(range(0, 1441, 15), 4))
        return [(edges[0], edges[1]), (edges[2], edges[3])]

    mentor = MentorFactory(
        user__timezone=zone,
        weekly={day: random.choice([ranges(), [(0, 1440)]]) for day in range(7)},
        gap_before=random.choice([0, 15, 60]),
        gap_after=random.choice([0, 15, 60]),
        most_a_day=random.choice([None, 2]),
        step=random.choice([15, 30, 60]),
        notice=random.choice([0, 4320]),
    )
    day = change.astimezone(ZoneInfo(zone)).date() + timedelta(days=random.choice([-1, 0, 1]))
    DayOff.objects.create(mentor=mentor.user, first_day=day, last_day=day)
    ExtraHours.objects.create(mentor=mentor.user, day=day, starts=60, ends=300)
    return mentor


def busy_people(random, mentor, learner, change):
    for n, hours in enumerate(random.sample(range(-24, 24, 3), 6)):
        who = {"mentor": mentor.user} if n % 2 else {"learner": learner}
        MeetingFactory(**who, scheduled_at=change + timedelta(hours=hours), duration=90)
