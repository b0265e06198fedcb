from datetime import timedelta

import pytest

from meetings.booking.hours import add_days_off, add_extra_hours
from meetings.models import WeeklyHours
from meetings.scheduling.outside_hours import meetings_outside_hours
from tests.factories import MONDAY, MeetingFactory, MentorFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)


def test_meetings_in_open_hours_are_not_outside_even_over_midnight():
    mentor = MentorFactory()
    midnight = MONDAY.replace(hour=0) + timedelta(days=1)
    MeetingFactory(mentor=mentor.user, scheduled_at=midnight - timedelta(minutes=30))

    assert meetings_outside_hours(mentor.user, NOW) == []


def test_meetings_that_could_not_be_booked_today_are_outside(django_assert_num_queries):
    mentor = MentorFactory()
    inside = MeetingFactory(mentor=mentor.user, scheduled_at=MONDAY)
    half = MeetingFactory(mentor=mentor.user, scheduled_at=MONDAY + timedelta(hours=1))
    off = MeetingFactory(mentor=mentor.user, scheduled_at=MONDAY + timedelta(days=7))
    WeeklyHours.objects.filter(mentor=mentor.user).delete()
    WeeklyHours.objects.create(mentor=mentor.user, weekday=0, starts=720, ends=810)
    add_days_off(mentor.user, off.scheduled_at.date(), off.scheduled_at.date())

    with django_assert_num_queries(4):
        outside = meetings_outside_hours(mentor.user, NOW)

    assert outside == [half, off]
    assert inside not in outside


def test_extra_hours_and_the_past_are_not_outside():
    mentor = MentorFactory(weekly={})
    MeetingFactory(mentor=mentor.user, scheduled_at=MONDAY)
    MeetingFactory(mentor=mentor.user, scheduled_at=NOW - timedelta(hours=5))
    add_extra_hours(mentor.user, MONDAY.date(), [(720, 780)])

    assert meetings_outside_hours(mentor.user, NOW) == []
