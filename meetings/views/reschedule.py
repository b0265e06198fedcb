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
from meetings.forms.messages import count_refusal, text_of
from meetings.models import SessionType
from meetings.views.meeting_view import MeetingView
from meetings.views.objects import movable_or_404
from meetings.views.picker import alternative_slots, pick
from meetings.views.picker_context import PickerContext
from meetings.views.picker_query import PickerQuery, requested_zone


@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The page on which a meeting gets another time; a POST moves it."""
    view = movable_or_404(request, meeting_id)
    session_type = terms_of(view.meeting)
    obstacle = _obstacle(view, session_type)
    if session_type is None or obstacle:
        return _refused(request, view, obstacle)
    if request.method != "POST":
        return _page(request, view, session_type, PickForm())
    form = PickForm(request.POST)
    if not form.is_valid():
        return _page(request, view, session_type, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _move(request, view, session_type, form)


def _move(
    request: HttpRequest, view: MeetingView, session_type: SessionType, form: PickForm
) -> HttpResponse:
    try:
        move(view.meeting, to=form.cleaned_data["start"], by=view.viewer)
    except WrongStatus as error:
        count_refusal(error)
        return _refused(request, view, text_of(error))
    except BookingError as error:
        count_refusal(error)
        form.add_error(None, text_of(error))
        nearest = error.nearest if isinstance(error, SlotTaken) else ()
        return _page(request, view, session_type, form, status=HTTPStatus.CONFLICT, nearest=nearest)
    messages.success(request, _("The meeting has a new time."))
    return HttpResponseRedirect(view.meeting.get_absolute_url(), status=HTTPStatus.SEE_OTHER)


def _obstacle(view: MeetingView, session_type: SessionType | None) -> str:
    """Why the meeting cannot get any other time; empty if it can."""
    meeting = view.meeting
    if meeting.status != Status.SCHEDULED:
        status = meeting.get_status_display()
        return _("This meeting is %(status)s, so it cannot get another time.") % {"status": status}
    if not view.can_reschedule:
        return text_of(AlreadyStarted())
    if session_type is None or not meeting.mentor.is_active:
        return text_of(MentorUnavailable())
    return "" if meeting.duration in session_type.durations else text_of(DurationNotOffered())


def _refused(request: HttpRequest, view: MeetingView, obstacle: str) -> HttpResponse:
    context = {"view": view, "obstacle": obstacle}
    return render(request, "meetings/booking/reschedule.html", context, status=HTTPStatus.CONFLICT)


def _page(
    request: HttpRequest,
    view: MeetingView,
    session_type: SessionType,
    form: PickForm,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    nearest: Sequence[datetime] = (),
) -> HttpResponse:
    meeting = view.meeting
    path = reverse("meetings:reschedule", args=[meeting.pk])
    values = form.data if form.is_bound else request.GET
    picker_context = PickerContext(
        session_type,
        meeting.learner_id,
        view.viewer,
        view.other,
        path,
        view.now,
        moving=meeting,
        requested_zone=requested_zone(values),
    )
    query = PickerQuery.of(values, picker_context.zone)
    if query.month is None:
        query = query.at(meeting.scheduled_at.astimezone(picker_context.zone).date())
    context = {
        "view": view,
        "form": form,
        "picker": pick(picker_context, query),
        "nearest": alternative_slots(nearest, picker_context),
    }
    return render(request, "meetings/booking/reschedule.html", context, status=status)
