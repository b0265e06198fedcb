"""Changing a mentor's hours. Each function is one transaction, and locks the mentor's hours."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction

from accounts.models import MentorProfile, User
from meetings.domain.availability import MinuteRange, check_ranges
from meetings.models.hours import DayOff, ExtraHours, WeeklyHours
from meetings.scheduling.next_free import refresh_next_free


def _hold(mentor: User) -> None:
    """Lock these hours until the transaction ends; its commit refreshes the next free time."""
    MentorProfile.objects.select_for_update().get(pk=mentor.pk)
    transaction.on_commit(lambda: refresh_next_free([mentor.pk]), robust=True)


@transaction.atomic
def replace_weekly_hours(mentor: User, weekly: Mapping[int, Sequence[MinuteRange]]) -> None:
    """Replace the mentor's weekly hours. weekly: `{weekday: [range]}`, Monday is 0.

    Raises AvailabilityError, and changes nothing, if ranges are empty, overlap or are off the grid.
    """
    for ranges in weekly.values():
        check_ranges(ranges)
    _hold(mentor)
    WeeklyHours.objects.filter(mentor=mentor).delete()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(mentor=mentor, weekday=weekday, starts=start, ends=end)
        for weekday, ranges in sorted(weekly.items())
        for start, end in sorted(ranges)
    )


@transaction.atomic
def add_days_off(mentor: User, first_day: date, last_day: date) -> DayOff:
    """Add days off, both included; returns the entry, an existing one for the same days."""
    _hold(mentor)
    return DayOff.objects.get_or_create(mentor=mentor, first_day=first_day, last_day=last_day)[0]


@transaction.atomic
def remove_days_off(mentor: User, pk: uuid.UUID) -> None:
    """Remove the entry, if it still exists."""
    _hold(mentor)
    DayOff.objects.filter(mentor=mentor, pk=pk).delete()


@transaction.atomic
def add_extra_hours(mentor: User, day: date, ranges: Sequence[MinuteRange]) -> None:
    """Add extra hours to that date; ranges that it already has are skipped.

    Raises AvailabilityError, and changes nothing, if they are empty, off the grid, or overlap
    each other or the extra hours that the date has.
    """
    _hold(mentor)
    there = [hours.minutes for hours in ExtraHours.objects.filter(mentor=mentor, day=day)]
    added = [each for each in ranges if each not in there]
    check_ranges([*there, *added])
    ExtraHours.objects.bulk_create(
        ExtraHours(mentor=mentor, day=day, starts=start, ends=end) for start, end in added
    )


@transaction.atomic
def remove_extra_hours(mentor: User, pk: uuid.UUID) -> None:
    """Remove the entry, if it still exists."""
    _hold(mentor)
    ExtraHours.objects.filter(mentor=mentor, pk=pk).delete()
