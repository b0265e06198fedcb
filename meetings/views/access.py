"""Who may see what: every object a page shows is fetched through here."""

import uuid
from typing import cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import MentorProfile, User
from meetings.models import Meeting
from meetings.views.perspective import Perspective


def viewer_of(request: HttpRequest) -> User:
    """The person who is logged in; only for pages that demand it."""
    return cast(User, request.user)


def meeting_or_404(request: HttpRequest, meeting_id: uuid.UUID) -> Meeting:
    """A meeting of the viewer. Another's is answered like one that does not exist."""
    return get_object_or_404(Meeting.objects.of(viewer_of(request)), pk=meeting_id)


def seen_or_404(request: HttpRequest, meeting_id: uuid.UUID) -> Perspective:
    """A meeting of the viewer, as they see it now."""
    return seen_now(request, meeting_or_404(request, meeting_id))


def seen_at_or_404(request: HttpRequest, token: str) -> Perspective:
    """The meeting that is joined with the token, if it is one of the viewer."""
    mine = Meeting.objects.of(viewer_of(request))
    return seen_now(request, get_object_or_404(mine, join_token=token))


def seen_now(request: HttpRequest, meeting: Meeting) -> Perspective:
    """The viewer's meeting as they see it now."""
    return Perspective(meeting, viewer_of(request), timezone.now())


def mentor_or_404(mentor_id: uuid.UUID) -> MentorProfile:
    """A mentor who can be found and booked, with the person and their calendar, if any."""
    listed = MentorProfile.objects.listed().select_related("user__calendar_connection")
    return get_object_or_404(listed, pk=mentor_id)
