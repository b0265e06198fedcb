"""The next free time of each mentor, stored on the profile so that the directory can sort by it."""

import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import MentorProfile
from meetings.domain.grid import Interval
from meetings.models import Meeting, SessionType
from meetings.scheduling.free_slots import AFTER, BEFORE, schedules
from meetings.scheduling.slot_check import SlotCheck

# A stored time is recomputed after this: as time passes, new days come within the horizon.
BELIEVED = timedelta(hours=1)
# After a booking, recompute earlier: it may have missed a concurrent booking.
BELIEVED_OF_A_BOOKING = timedelta(minutes=1)
# Mentors per sweep, so that a sweep stays short.
BATCH = 200


def upcoming_free(
    profile: MentorProfile, session_type: SessionType | None, now: datetime
) -> datetime | None:
    """The mentor's stored next free time; None if it is unknown or too soon to book by now.

    session_type: the mentor's default type, with the mentor's rules.
    """
    if profile.next_free_at is None or session_type is None:
        return None
    earliest, _latest = session_type.slot_rules.bookable(now)
    return None if profile.next_free_at < earliest else profile.next_free_at


def refresh_next_free(mentors: Collection[uuid.UUID], now: datetime | None = None) -> None:
    """Recompute the next free time of these people; those who are not mentors are skipped."""
    now = now or timezone.now()
    # Read before everything else, so that a change in between is noticed.
    before = dict(MentorProfile.objects.filter(pk__in=mentors).values_list("pk", "next_free_until"))
    types = list(SessionType.objects.defaults_of(mentors).values())
    types = [each for each in types if each.mentor_id in before]
    if not types:
        return
    outrun: list[uuid.UUID] = []
    ahead = max(each.slot_rules.horizon for each in types)
    window = Interval(now, now + ahead + timedelta(days=1))
    found, _nobody = schedules(types, window)
    for each in types:
        schedule = found[each.mentor_id]
        free_at = schedule.soonest(window, min(each.durations), now=now)
        too_late_at = free_at - schedule.rules.notice if free_at else None
        until = min(filter(None, [too_late_at, now + BELIEVED]))
        as_read = MentorProfile.objects.filter(
            pk=each.mentor_id, next_free_until=before[each.mentor_id]
        )
        if not as_read.update(next_free_at=free_at, next_free_until=until):
            outrun.append(each.mentor_id)
    # The other process may have read older data than this one, so compute again.
    if outrun:
        refresh_next_free(outrun, now)


def next_free_was_taken(
    meeting: Meeting, check: SlotCheck, *, freed: datetime | None = None
) -> None:
    """Correct the next free time of the mentor, and of a learner who is a mentor too, after the
    meeting was booked or moved to the time that was checked.

    freed: the old start of a moved meeting. It may be the soonest free time now, so the worker
    recomputes. The mentor's next free time is computed from what the check has read, so that this
    costs one statement at most, except for mentors with a daily limit.
    """
    learners: MentorProfile | None = getattr(meeting.learner, "mentor_profile", None)
    if learners is not None and _is_in_the_way(learners, meeting):
        refresh_next_free([meeting.learner_id], check.now)
    elif learners is not None:
        _look_again([meeting.learner_id], _near(meeting) | _sooner_than(freed))
    profile = meeting.mentor.mentor_profile
    if check.session_type.has_daily_limit and _is_on_its_day(profile, meeting):
        # The day may be full now.
        refresh_next_free([meeting.mentor_id], check.now)
    elif _is_in_the_way(profile, meeting):
        _correct(profile, meeting, check, is_believed=freed is None)
    else:
        # The stored time may have changed since the profile was read.
        _look_again([meeting.mentor_id], _near(meeting) | _sooner_than(freed))


def next_free_may_be_sooner(people: Collection[uuid.UUID], freed: datetime) -> None:
    """Let the worker recompute, since a time of these people, from `freed` on, is free again."""
    _look_again(people, _sooner_than(freed))


def refresh_stale_next_free(now: datetime) -> int:
    """Recompute for listed mentors whose time is out of date, BATCH at most; returns how many."""
    stale = Q(next_free_until__isnull=True) | Q(next_free_until__lte=now)
    mentors = list(
        MentorProfile.objects.filter(stale, is_listed=True, user__is_active=True)
        .order_by(F("next_free_until").asc(nulls_first=True))
        .values_list("pk", flat=True)[:BATCH]
    )
    refresh_next_free(mentors, now)
    return len(mentors)


def _look_again(people: Collection[uuid.UUID], which: Q) -> None:
    """Mark those profiles of these people as out of date that match which."""
    rows = MentorProfile.objects.filter(which, pk__in=people)
    # A time, not null: a refresh that is running must see that this mark is later than its own.
    rows.update(next_free_until=timezone.now())


def _sooner_than(freed: datetime | None) -> Q:
    """Profiles whose next free time is later than freed, or unknown; none if freed is None."""
    if freed is None:
        return Q(pk__in=())
    return Q(next_free_at__isnull=True) | Q(next_free_at__gt=freed)


def _near(meeting: Meeting) -> Q:
    """Profiles whose next free time may conflict with the meeting; see _is_in_the_way()."""
    start, end = meeting.scheduled_at - BEFORE - AFTER, meeting.ends_at + 2 * BEFORE
    return Q(next_free_at__gt=start, next_free_at__lt=end)


def _correct(
    profile: MentorProfile, meeting: Meeting, check: SlotCheck, *, is_believed: bool
) -> None:
    """Store the mentor's next free time after the one that conflicts with the meeting."""
    assert profile.next_free_at is not None
    # A moved meeting keeps its gaps, but a new booking has the current ones.
    schedule = replace(check.free.schedule, rules=check.session_type.slot_rules)
    mine = frozenset(cell for person, cell in meeting.cells() if person == meeting.mentor_id)
    schedule = replace(schedule, busy=schedule.busy | mine)
    # Nothing before it was free.
    rest = Interval(profile.next_free_at, check.free.window.end)
    free_at = schedule.soonest(rest, min(schedule.rules.durations), now=check.now)
    if free_at is None:
        refresh_next_free([meeting.mentor_id], check.now)
        return
    soon = check.now + BELIEVED_OF_A_BOOKING
    until = min(free_at - schedule.rules.notice, soon) if is_believed else timezone.now()
    row = MentorProfile.objects.filter(pk=profile.pk)
    as_read = row.filter(next_free_until=profile.next_free_until)
    if not as_read.update(next_free_at=free_at, next_free_until=until):
        # Another booking was stored first, and neither process has seen both: recompute.
        row.update(next_free_until=timezone.now())


def _is_on_its_day(profile: MentorProfile, meeting: Meeting) -> bool:
    """Whether the meeting is on the date of the mentor's next free time, on the mentor's clock."""
    if profile.next_free_at is None:
        return False
    zone = meeting.mentor.zone
    free_on = profile.next_free_at.astimezone(zone).date()
    return meeting.scheduled_at.astimezone(zone).date() == free_on


def _is_in_the_way(profile: MentorProfile, meeting: Meeting) -> bool:
    """Whether the meeting is so close to the mentor's next free time that the two may conflict,
    with any duration and gaps."""
    if profile.next_free_at is None:
        return False
    reach = Interval(profile.next_free_at - BEFORE, profile.next_free_at + AFTER)
    gapped = Interval(meeting.scheduled_at - BEFORE, meeting.ends_at + BEFORE)
    return reach.overlaps(gapped)
