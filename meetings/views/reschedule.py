import uuid
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from meetings.booking.lifecycle import reschedule as move
from meetings.booking.lifecycle import terms_of
from meetings.domain.errors import (
    AlreadyStarted,
    BookingError,
    DurationNotOffered,
    MentorUnavailable,
    SlotTaken,
    WrongStatus,
)
from meetings.domain.policy import Status
from meetings.forms.booking import PickForm
from meetings.forms.messages import refusal_of, text_of
from meetings.models import SessionType
from meetings.views.access import movable_or_404
from meetings.views.asked import Asked, asked_zone
from meetings.views.perspective import Perspective
from meetings.views.picker import instead, pick
from meetings.views.scene import Scene


@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The page on which a meeting gets another time; a POST moves it."""
    seen = movable_or_404(request, meeting_id)
    session_type = terms_of(seen.meeting)
    obstacle = _obstacle(seen, session_type)
    if session_type is None or obstacle:
        return _refused(request, seen, obstacle)
    if request.method != "POST":
        return _page(request, seen, session_type, PickForm())
    form = PickForm(request.POST)
    if not form.is_valid():
        return _page(request, seen, session_type, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _move(request, seen, session_type, form)


def _move(
    request: HttpRequest, seen: Perspective, session_type: SessionType, form: PickForm
) -> HttpResponse:
    try:
        move(seen.meeting, to=form.cleaned_data["start"], by=seen.viewer)
    except WrongStatus as error:
        return _refused(request, seen, refusal_of(error))
    except BookingError as error:
        form.add_error(None, refusal_of(error))
        nearest = error.nearest if isinstance(error, SlotTaken) else ()
        return _page(request, seen, session_type, form, status=HTTPStatus.CONFLICT, nearest=nearest)
    messages.success(request, _("The meeting has a new time."))
    return HttpResponseRedirect(seen.meeting.get_absolute_url(), status=HTTPStatus.SEE_OTHER)


def _obstacle(seen: Perspective, session_type: SessionType | None) -> str:
    """Why the meeting cannot get any other time; empty if it can."""
    meeting = seen.meeting
    if meeting.status != Status.SCHEDULED:
        status = meeting.get_status_display()
        return _("This meeting is %(status)s, so it cannot get another time.") % {"status": status}
    if not seen.can_reschedule:
        return text_of(AlreadyStarted())
    if session_type is None or not meeting.mentor.is_active:
        return text_of(MentorUnavailable())
    return "" if meeting.duration in session_type.durations else text_of(DurationNotOffered())


def _refused(request: HttpRequest, seen: Perspective, obstacle: str) -> HttpResponse:
    context = {"seen": seen, "obstacle": obstacle}
    return render(request, "meetings/booking/reschedule.html", context, status=HTTPStatus.CONFLICT)


def _page(
    request: HttpRequest,
    seen: Perspective,
    session_type: SessionType,
    form: PickForm,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    nearest: Sequence[datetime] = (),
) -> HttpResponse:
    meeting = seen.meeting
    path = reverse("meetings:reschedule", args=[meeting.pk])
    values = form.data if form.is_bound else request.GET
    scene = Scene(
        session_type,
        meeting.learner_id,
        seen.viewer,
        seen.other,
        path,
        seen.now,
        moving=meeting,
        asked_zone=asked_zone(values),
    )
    asked = Asked.of(values, scene.zone)
    if asked.month is None:
        asked = asked.at(meeting.scheduled_at.astimezone(scene.zone).date())
    context = {
        "seen": seen,
        "form": form,
        "picker": pick(scene, asked),
        "nearest": instead(nearest, scene),
    }
    return render(request, "meetings/booking/reschedule.html", context, status=status)
