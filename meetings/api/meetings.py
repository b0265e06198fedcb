"""The caller's meetings: booking, listing, reading."""

import uuid
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from accounts.models import User
from meetings.api import limits, responses
from meetings.api.idempotency import Key, once
from meetings.api.objects import end_of, meeting_or_404, start_of
from meetings.api.openapi import UNSAFE, WITH_BODY, call
from meetings.api.pagination import paginate
from meetings.api.requests import BookingBody, MeetingFilters
from meetings.api.security import caller
from meetings.booking.book import book as book_meeting
from meetings.models import Meeting
from meetings.models.meeting_queries import MeetingQuerySet

router = Router(tags=["Meetings"])


@router.post("/create", **call(201, responses.ChangedMeeting, *WITH_BODY, *UNSAFE, 404, 409, 422))
def create(request: HttpRequest, body: BookingBody, idempotency_key: Key) -> HttpResponse:
    """Book a free slot of a mentor, as the learner."""
    learner = caller(request)

    def book(form_key: uuid.UUID | None) -> str:
        limits.count_booking(request, learner)
        booked = _book(learner, body, form_key)
        # With a key, it may be a meeting booked earlier, which can have notes.
        is_new = form_key is None
        meeting = responses.new_meeting(booked) if is_new else responses.meeting(booked, learner)
        answer = responses.ChangedMeeting(message=_("Your session is booked."), meeting=meeting)
        return answer.model_dump_json()

    answer = once(learner, idempotency_key, body, book)
    return HttpResponse(answer, status=HTTPStatus.CREATED, content_type="application/json")


@router.get("", **call(200, responses.MeetingPage, 400))
def listed(request: HttpRequest, filters: Query[MeetingFilters]) -> responses.MeetingPage:
    """The caller's meetings in either role, soonest first."""
    found = _wanted(caller(request), filters.model_dump(exclude_unset=True))
    rows, count, pages = paginate(found.order_by("scheduled_at", "id"), filters)
    meetings = responses.meetings(rows, caller(request))
    return responses.MeetingPage(meetings=meetings, count=count, page=filters.page, pages=pages)


@router.get("/{uuid:meeting_id}", **call(200, responses.MeetingAnswer, 404))
def detail(request: HttpRequest, meeting_id: uuid.UUID) -> responses.MeetingAnswer:
    """One meeting of the caller."""
    meeting = meeting_or_404(request, meeting_id)
    return responses.MeetingAnswer(meeting=responses.meeting(meeting, caller(request)))


def _book(learner: User, body: BookingBody, form_key: uuid.UUID | None) -> Meeting:
    return book_meeting(
        mentor_id=body.mentor_id,
        learner=learner,
        subject=body.subject,
        description=body.description,
        start=body.scheduled_at,
        duration=body.duration,
        form_key=form_key,
    )


def _wanted(viewer: User, asked: dict[str, Any]) -> MeetingQuerySet:
    """The viewer's meetings that pass the filters. asked: the filters that were sent, by name."""
    found = Meeting.objects.of(viewer).with_event()
    zone = ZoneInfo(asked["tz"]) if "tz" in asked else viewer.zone
    now = timezone.now()
    if "upcoming" in asked:
        found = found.upcoming(now) if asked["upcoming"] else found.past(now)
    if "status" in asked:
        found = found.filter(status=asked["status"])
    if "role" in asked:
        found = found.filter(**{asked["role"]: viewer})
    if "mentor_id" in asked:
        found = found.filter(mentor=asked["mentor_id"])
    if "from_" in asked:
        found = found.filter(scheduled_at__gte=_first(asked["from_"], zone))
    if "to" in asked:
        found = found.filter(scheduled_at__lt=_last(asked["to"], zone))
    return found


def _first(bound: date | datetime, zone: ZoneInfo) -> datetime:
    return bound if isinstance(bound, datetime) else start_of(bound, zone)


def _last(bound: date | datetime, zone: ZoneInfo) -> datetime:
    return bound if isinstance(bound, datetime) else end_of(bound, zone)
