"""Mentors who can be booked, and their free slots."""

import uuid
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from accounts.text import slug_of
from meetings.api import responses
from meetings.api.objects import LAST_DAY, end_of, session_type_or_404, start_of, zone_of
from meetings.api.openapi import call
from meetings.api.pagination import paginate
from meetings.api.requests import MentorFilters, SlotFilters
from meetings.api.security import caller
from meetings.domain.grid import Interval
from meetings.domain.policy import HORIZON_LIMIT
from meetings.models import SessionType
from meetings.scheduling.directory import search
from meetings.scheduling.free_slots import free_slots

router = Router(tags=["Mentors"])

MOST_DAYS = 62
DAYS = 7


@router.get("", **call(200, responses.MentorPage, 400))
def listed(request: HttpRequest, filters: Query[MentorFilters]) -> responses.MentorPage:
    """Mentors who can be booked."""
    now = timezone.now()
    window = None
    if filters.day:
        zone = zone_of(request, filters.tz)
        window = Interval(start_of(filters.day, zone), end_of(filters.day, zone))
    found = search(
        words=filters.q,
        skill=slug_of(filters.skill),
        language=filters.language.lower(),
        window=window,
        is_by_next_free=filters.sort == "next",
        now=now,
    )
    rows, count, pages = paginate(found, filters)
    types = SessionType.objects.defaults_of([row.pk for row in rows])
    mentors = [responses.mentor(row, types[row.pk], now) for row in rows if row.pk in types]
    return responses.MentorPage(mentors=mentors, count=count, page=filters.page, pages=pages)


@router.get("/{uuid:mentor_id}", **call(200, responses.MentorAnswer, 404))
def detail(request: HttpRequest, mentor_id: uuid.UUID) -> responses.MentorAnswer:
    """One mentor; `_id` is the mentorId to book."""
    session_type = session_type_or_404(mentor_id)
    profile = session_type.mentor.mentor_profile
    return responses.MentorAnswer(mentor=responses.mentor(profile, session_type, timezone.now()))


@router.get("/{uuid:mentor_id}/slots", **call(200, responses.Slots, 400, 404))
def slots(
    request: HttpRequest, mentor_id: uuid.UUID, filters: Query[SlotFilters]
) -> responses.Slots:
    """What can be booked, free for both, soonest first; at most 62 days a call."""
    session_type, now = session_type_or_404(mentor_id), timezone.now()
    first, last = _days(request, filters, now)
    zone = zone_of(request, filters.tz)
    start, end = max(start_of(first, zone), now), end_of(last, zone)
    if start >= end or start > now + timedelta(days=HORIZON_LIMIT):
        return responses.slots([])
    found = free_slots(session_type, Interval(start, end), learner_id=caller(request).pk)
    duration = filters.duration or min(session_type.durations)
    return responses.slots(found.all(duration, now=now))


def _days(request: HttpRequest, filters: SlotFilters, now: datetime) -> tuple[date, date]:
    """The first and the last day that are asked for. Raises ValidationError."""
    first = filters.from_ or now.astimezone(zone_of(request, filters.tz)).date()
    last = filters.to or max(first, min(first, LAST_DAY) + timedelta(days=DAYS - 1))
    if last < first:
        raise ValidationError({"to": _("This is before the first day.")})
    if (last - first).days >= MOST_DAYS:
        raise ValidationError({"to": _("Ask for %(days)s days at most.") % {"days": MOST_DAYS}})
    return first, last
