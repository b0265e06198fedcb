"""Changing a meeting: each call runs one function of meetings.booking, or several in one
transaction.

The paths are those of meetings.api.meetings, and so is the router.
"""

import uuid
from contextlib import nullcontext

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Body

from meetings.api import meetings, responses
from meetings.api.objects import meeting_or_404, movable_or_404
from meetings.api.openapi import UNSAFE, WITH_BODY, call
from meetings.api.requests import CancelBody, ChangeBody, CompleteBody
from meetings.api.security import caller
from meetings.booking import lifecycle
from meetings.booking.lifecycle import reschedule
from meetings.booking.texts import edit, rate, write_notes
from meetings.models import Meeting

router = meetings.router

# Generated clients name their functions by operation_id, so it outlives the name of a module.
CHANGED = call(200, responses.ChangedMeeting, *WITH_BODY, *UNSAFE, 404, 409)


@router.put("/{uuid:meeting_id}", operation_id="update", **CHANGED)
@router.patch("/{uuid:meeting_id}", operation_id="update_partly", **CHANGED)
def update(
    request: HttpRequest, meeting_id: uuid.UUID, body: ChangeBody
) -> responses.ChangedMeeting:
    """Reschedule, or change subject or description: all that is sent, or nothing."""
    meeting = movable_or_404(request, meeting_id)
    texts = body.model_dump(exclude_unset=True)
    start = texts.pop("scheduled_at", None)
    # A move first asks the calendars: it runs in a transaction only if texts change with it.
    with transaction.atomic() if start and texts else nullcontext():
        if start:
            reschedule(meeting, to=start, by=caller(request))
        if texts:
            edit(meeting, by=caller(request), **texts)
    return _changed(request, meeting, _("The session is changed."))


@router.delete("/{uuid:meeting_id}", operation_id="meetings_api_changes_cancel", **CHANGED)
def cancel(
    request: HttpRequest, meeting_id: uuid.UUID, body: Body[CancelBody | None] = None
) -> responses.ChangedMeeting:
    """Call it off, while nobody has joined. The body may be left out."""
    meeting = meeting_or_404(request, meeting_id)
    lifecycle.cancel(meeting, by=caller(request), reason=body.reason if body else "")
    return _changed(request, meeting, _("The session is cancelled."))


@router.post(
    "/{uuid:meeting_id}/join",
    operation_id="meetings_api_changes_join",
    **call(200, responses.Room, *UNSAFE, 404, 409),
)
def join(request: HttpRequest, meeting_id: uuid.UUID) -> responses.Room:
    """The room, from 10 minutes before the start until the end.

    The first to come puts the meeting in progress.
    """
    meeting = meeting_or_404(request, meeting_id)
    return responses.Room(meeting_link=lifecycle.join(meeting, by=caller(request)))


@router.post(
    "/{uuid:meeting_id}/complete",
    operation_id="meetings_api_changes_complete",
    **call(200, responses.MeetingAnswer, *WITH_BODY, *UNSAFE, 404, 409),
)
def complete(
    request: HttpRequest, meeting_id: uuid.UUID, body: Body[CompleteBody | None] = None
) -> responses.MeetingAnswer:
    """It took place. The learner may rate it in the same call; the body may be left out."""
    meeting, person = meeting_or_404(request, meeting_id), caller(request)
    sent = body or CompleteBody()
    with transaction.atomic():
        lifecycle.complete(meeting, by=person)
        if sent.rating is not None:
            rate(meeting, rating=sent.rating, feedback=sent.feedback, by=person)
        if sent.notes is not None:
            write_notes(meeting, sent.notes, by=person, seen=meeting.notes_revision)
    return responses.MeetingAnswer(meeting=responses.meeting(meeting, person))


def _changed(request: HttpRequest, meeting: Meeting, message: str) -> responses.ChangedMeeting:
    return responses.ChangedMeeting(
        message=message, meeting=responses.meeting(meeting, caller(request))
    )
