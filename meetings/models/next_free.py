"""The next free time of each mentor, kept on the profile so that a directory can sort by it."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import MentorProfile
from meetings.domain.grid import Interval
from meetings.models.schedule import schedules

# Even a mentor without a free time gets a new day into the horizon now and then.
BELIEVED = timedelta(hours=1)
# How many are brought up at once, so that one sweep stays short.
BATCH = 200


def refresh_next_free(mentors: Collection[uuid.UUID], now: datetime | None = None) -> None:
    """Work out anew when these people can be met next; those who are no mentors are left out."""
    now = now or timezone.now()
    profiles = list(MentorProfile.objects.filter(pk__in=mentors).select_related("user"))
    if not profiles:
        return
    outrun: list[uuid.UUID] = []
    ahead = max(timedelta(days=profile.horizon) for profile in profiles)
    window = Interval(now, now + ahead + timedelta(days=1))
    found, _nobody = schedules(profiles, window)
    for profile in profiles:
        free_at = found[profile.pk].soonest(window, min(profile.durations), now=now)
        too_late_at = free_at - timedelta(minutes=profile.notice) if free_at else None
        until = min(filter(None, [too_late_at, now + BELIEVED]))
        as_read = MentorProfile.objects.filter(
            pk=profile.pk, next_free_until=profile.next_free_until
        )
        if not as_read.update(next_free_at=free_at, next_free_until=until):
            outrun.append(profile.pk)
    # Whoever was quicker may have looked before what this one has seen.
    if outrun:
        refresh_next_free(outrun, now)


def refresh_stale_next_free(now: datetime) -> int:
    """Do so for listed mentors whose time is out of date, a batch at most; returns how many."""
    stale = Q(next_free_until__isnull=True) | Q(next_free_until__lte=now)
    mentors = list(
        MentorProfile.objects.filter(stale, is_listed=True, user__is_active=True)
        .order_by(F("next_free_until").asc(nulls_first=True))
        .values_list("pk", flat=True)[:BATCH]
    )
    refresh_next_free(mentors, now)
    return len(mentors)
