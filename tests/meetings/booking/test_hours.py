from datetime import date, timedelta

import pytest

from meetings.booking.hours import (
    add_days_off,
    add_extra_hours,
    remove_days_off,
    remove_extra_hours,
    replace_weekly_hours,
)
from meetings.domain.errors import EmptyRange, OverlappingRanges, RangeOffGrid
from meetings.models import DayOff, ExtraHours, WeeklyHours
from tests.factories import MentorFactory

pytestmark = pytest.mark.django_db

DAY = date(2027, 3, 1)


@pytest.fixture
def mentor():
    return MentorFactory(weekly={0: [(540, 600)]}).user


def weekly(mentor):
    rows = WeeklyHours.objects.filter(mentor=mentor).order_by("weekday", "starts")
    return list(rows.values_list("weekday", "starts", "ends"))


def extra(mentor):
    rows = ExtraHours.objects.filter(mentor=mentor).order_by("day", "starts")
    return list(rows.values_list("starts", "ends"))


def test_weekly_hours_are_replaced_as_a_whole_and_for_one_mentor(mentor):
    other = MentorFactory(weekly={0: [(0, 60)]}).user

    replace_weekly_hours(mentor, {1: [(660, 720), (540, 660)], 6: [(0, 1440)], 2: []})

    assert weekly(mentor) == [(1, 540, 660), (1, 660, 720), (6, 0, 1440)]
    assert weekly(other) == [(0, 0, 60)]


@pytest.mark.parametrize(
    ("ranges", "error"),
    [
        ([(600, 540)], EmptyRange),
        ([(541, 600)], RangeOffGrid),
        ([(540, 600), (585, 660)], OverlappingRanges),
    ],
)
def test_hours_that_are_no_hours_change_nothing(ranges, error, mentor):
    with pytest.raises(error):
        replace_weekly_hours(mentor, {0: [(0, 60)], 3: ranges})
    with pytest.raises(error):
        add_extra_hours(mentor, DAY, ranges)

    assert weekly(mentor) == [(0, 540, 600)]
    assert extra(mentor) == []


def test_days_off_are_added_once_and_removed_by_their_owner(mentor):
    days = add_days_off(mentor, DAY, DAY + timedelta(days=3))
    assert add_days_off(mentor, DAY, DAY + timedelta(days=3)) == days

    remove_days_off(MentorFactory().user, days.pk)
    assert DayOff.objects.get() == days

    remove_days_off(mentor, days.pk)
    remove_days_off(mentor, days.pk)
    assert not DayOff.objects.exists()


def test_extra_hours_are_added_once_and_overlap_none(mentor):
    add_extra_hours(mentor, DAY, [(600, 660)])
    add_extra_hours(mentor, DAY, [(600, 660), (660, 720)])
    with pytest.raises(OverlappingRanges):
        add_extra_hours(mentor, DAY, [(585, 615)])
    add_extra_hours(mentor, DAY + timedelta(days=1), [(585, 615)])

    assert extra(mentor) == [(600, 660), (660, 720), (585, 615)]


def test_extra_hours_are_removed_by_their_owner(mentor):
    add_extra_hours(mentor, DAY, [(600, 660)])
    hours = ExtraHours.objects.get()

    remove_extra_hours(MentorFactory().user, hours.pk)
    assert ExtraHours.objects.get() == hours

    remove_extra_hours(mentor, hours.pk)
    remove_extra_hours(mentor, hours.pk)
    assert extra(mentor) == []
