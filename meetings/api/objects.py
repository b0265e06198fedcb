"""The objects that a caller may see, and the instants that dates in a request stand for."""

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from meetings.api.security import caller
from meetings.domain.availability import day_start
from meetings.forms.booking import YEARS
from meetings.models import Meeting, SessionType

# There are no meetings beyond these days, and near datetime's limits zone conversion overflows.
FIRST_DAY, LAST_DAY = date(YEARS.start, 1, 1), date(YEARS.stop - 1, 12, 30)


def meeting_or_404(request: HttpRequest, meeting_id: uuid.UUID) -> Meeting:
    """A meeting of the caller; 404 for other people's meetings as well."""
    mine = Meeting.objects.of(caller(request)).with_event()
    return get_object_or_404(mine, pk=meeting_id)


def movable_or_404(request: HttpRequest, meeting_id: uuid.UUID) -> Meeting:
    """The same, with everything that rescheduling needs."""
    mine = Meeting.objects.of(caller(request)).with_rules()
    return get_object_or_404(mine, pk=meeting_id)


def session_type_or_404(mentor_id: uuid.UUID) -> SessionType:
    """The default session type of a mentor who can be booked, with the mentor and their rules."""
    found = SessionType.objects.bookable().default_of(mentor_id)
    if found is None:
        raise Http404
    return found


def zone_of(request: HttpRequest, asked: str | None) -> ZoneInfo:
    """The zone that was asked for, else the caller's own."""
    return ZoneInfo(asked) if asked else caller(request).zone


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of that date in zone, in UTC; a date out of range counts as the nearest."""
    return day_start(_within_reach(day), zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after that date in zone, in UTC."""
    return day_start(_within_reach(day) + timedelta(days=1), zone).astimezone(UTC)


def _within_reach(day: date) -> date:
    return min(max(day, FIRST_DAY), LAST_DAY)
