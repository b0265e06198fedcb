"""Who may see what: every object a page shows is fetched through here."""

import uuid
from typing import cast

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import User
from meetings.models import Meeting, SessionType
from meetings.views.meeting_view import MeetingView


def viewer_of(request: HttpRequest) -> User:
    """The person who is logged in; only for pages that require a log-in."""
    return cast(User, request.user)


def meeting_or_404(request: HttpRequest, meeting_id: uuid.UUID) -> Meeting:
    """A meeting of the viewer; 404 for other people's meetings as well."""
    mine = Meeting.objects.of(viewer_of(request)).with_event()
    return get_object_or_404(mine, pk=meeting_id)


def meeting_view_or_404(request: HttpRequest, meeting_id: uuid.UUID) -> MeetingView:
    """A meeting of the viewer, as they see it now."""
    return view_of(request, meeting_or_404(request, meeting_id))


def movable_or_404(request: HttpRequest, meeting_id: uuid.UUID) -> MeetingView:
    """The same, with everything that rescheduling needs."""
    mine = Meeting.objects.of(viewer_of(request)).with_rules()
    return view_of(request, get_object_or_404(mine, pk=meeting_id))


def view_by_token_or_404(request: HttpRequest, token: str) -> MeetingView:
    """The meeting with this join token; 404 for other people's meetings as well."""
    mine = Meeting.objects.of(viewer_of(request)).with_event()
    return view_of(request, get_object_or_404(mine, join_token=token))


def view_of(request: HttpRequest, meeting: Meeting) -> MeetingView:
    """The viewer's meeting as they see it now."""
    return MeetingView(meeting, viewer_of(request), timezone.now())


def session_type_or_404(mentor_id: uuid.UUID) -> SessionType:
    """The default session type of a mentor who can be booked, with the mentor, their profile, rules
    and calendar connection."""
    found = SessionType.objects.bookable().default_of(mentor_id)
    if found is None:
        raise Http404
    return found
