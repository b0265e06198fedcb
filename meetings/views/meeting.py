"""One meeting: its page, and what its two people can do with it."""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails

from accounts.models import MentorProfile
from meetings.booking import lifecycle, texts
from meetings.domain.errors import BookingError, NotAllowed, NotesChanged
from meetings.forms.meeting import (
    CancelForm,
    CompleteForm,
    NotesForm,
    PrivateNoteForm,
    RatingForm,
)
from meetings.forms.messages import count_refusal, text_of
from meetings.integrations.ics import to_ics
from meetings.views.history import history_of
from meetings.views.meeting_view import MeetingView
from meetings.views.objects import meeting_view_or_404

# Ids of fields, since two forms of one page have a field called text.
NOTES_ID = "notes_%s"
PRIVATE_NOTES_ID = "private_%s"


@require_safe
def meeting(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    return _meeting_page(request, meeting_view_or_404(request, meeting_id))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    view = meeting_view_or_404(request, meeting_id)

    def act(data: dict[str, Any]) -> None:
        lifecycle.cancel(view.meeting, by=view.viewer, reason=data["reason"])

    form = CancelForm(_sent(request))
    return _ask(request, "cancel", view, form, act, done=_("The meeting is cancelled."))


@require_http_methods(["GET", "HEAD", "POST"])
def complete(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """Mark the meeting as completed; the learner can rate it in the same form."""
    view = meeting_view_or_404(request, meeting_id)

    def act(data: dict[str, Any]) -> None:
        lifecycle.complete(view.meeting, by=view.viewer)
        if data.get("rating"):
            texts.rate(view.meeting, **data, by=view.viewer)

    form = (forms.Form if view.is_mentor else CompleteForm)(_sent(request))
    return _ask(request, "complete", view, form, act, done=_("Thank you. It is completed."))


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """Rate the meeting; one that is not completed yet is rated in the form that completes it."""
    view = meeting_view_or_404(request, meeting_id)
    if view.can_complete and request.method != "POST":
        return redirect("meetings:complete", meeting_id)

    def act(data: dict[str, Any]) -> None:
        texts.rate(view.meeting, **data, by=view.viewer)

    form = RatingForm(_sent(request))
    return _ask(request, "complete", view, form, act, done=_("Thank you for your rating."))


@require_POST
def notes(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """Save the shared notes; if the other person has saved meanwhile, show both texts."""
    view = meeting_view_or_404(request, meeting_id)
    form = NotesForm(request.POST, auto_id=NOTES_ID)
    if not form.is_valid():
        return _answer_notes(request, view, HTTPStatus.UNPROCESSABLE_ENTITY, notes_form=form)
    text, based_on = form.cleaned_data["text"], form.cleaned_data["seen"]
    try:
        texts.write_notes(view.meeting, text, by=view.viewer, seen=based_on)
    except NotesChanged as error:
        count_refusal(error)
        return _answer_notes(
            request,
            view,
            HTTPStatus.CONFLICT,
            notes_form=_notes_form(view, text),
            notes_refusal=text_of(error),
        )
    return _answer_notes(request, view, notes_form=_notes_form(view))


@require_POST
def private_notes(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """Save the viewer's private note."""
    view = meeting_view_or_404(request, meeting_id)
    form = PrivateNoteForm(request.POST, auto_id=PRIVATE_NOTES_ID)
    if not form.is_valid():
        return _answer_notes(request, view, HTTPStatus.UNPROCESSABLE_ENTITY, private_form=form)
    texts.write_private_note(view.meeting, form.cleaned_data["text"], by=view.viewer)
    return _answer_notes(request, view, private_form=form)


@require_safe
def ics(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The meeting as a file for any calendar."""
    view = meeting_view_or_404(request, meeting_id)
    day = timezone.localdate(view.meeting.scheduled_at)
    disposition = content_disposition_header(as_attachment=True, filename=f"meeting-{day}.ics")
    return HttpResponse(
        to_ics(view.invitation),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


@require_safe
def link(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The part of a page about the room; 204 while the room is still pending."""
    view = meeting_view_or_404(request, meeting_id)
    if view.is_room_being_made:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    response = render(request, "meetings/meeting/partials/room.html", {"view": view})
    return trigger_client_event(response, "room-ready")


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _ask(
    request: HttpRequest,
    page: str,
    view: MeetingView,
    form: forms.Form,
    act: Callable[[dict[str, Any]], None],
    *,
    done: str,
) -> HttpResponse:
    """A page with a form; if it is valid, run act, show done and redirect to the meeting."""
    status, refusal = HTTPStatus.OK, ""
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except BookingError as error:
            count_refusal(error)
            refusal = text_of(error)
            is_forbidden = isinstance(error, NotAllowed)
            status = HTTPStatus.FORBIDDEN if is_forbidden else HTTPStatus.CONFLICT
            view = meeting_view_or_404(request, view.meeting.pk)
        else:
            messages.success(request, done)
            return redirect(view.meeting)
    elif form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {"view": view, "form": form, "refusal": refusal}
    return render(request, f"meetings/meeting/{page}.html", context, status=status)


def _meeting_page(
    request: HttpRequest, view: MeetingView, status: int = HTTPStatus.OK, **forms_sent: Any
) -> HttpResponse:
    """The page of one meeting. forms_sent: context that replaces the forms with stored values."""
    context = {
        "view": view,
        "rating_form": (RatingForm if view.can_rate else CompleteForm)(),
        "notes_form": _notes_form(view),
        "private_form": _private_form(view),
        "is_just_booked": "booked" in request.GET and view.is_upcoming and not view.is_mentor,
        "can_book_again": _can_book_again(view),
        "history": history_of(view),
    }
    return render(request, "meetings/meeting/meeting.html", context | forms_sent, status=status)


def _answer_notes(
    request: HttpRequest, view: MeetingView, status: int = HTTPStatus.OK, **sent: Any
) -> HttpResponse:
    """For htmx the part of the page with these notes; else a redirect to the page, or the page
    itself if they were not saved."""
    is_saved = status == HTTPStatus.OK
    part = "notes_private" if "private_form" in sent else "notes_shared"
    if HtmxDetails(request):
        context = sent | {"view": view, "is_saved": is_saved}
        return render(request, f"meetings/meeting/partials/{part}.html", context, status=status)
    if not is_saved:
        return _meeting_page(request, view, status, **sent)
    messages.success(request, _("Your notes are saved."))
    return redirect(f"{view.meeting.get_absolute_url()}#{part}")


def _notes_form(view: MeetingView, text: str | None = None) -> NotesForm:
    """A form of the shared notes as stored, or of another text to replace them with."""
    stored = view.meeting.notes if text is None else text
    initial = {"text": stored, "seen": view.meeting.notes_revision}
    return NotesForm(initial=initial, auto_id=NOTES_ID)


def _private_form(view: MeetingView) -> PrivateNoteForm:
    text = texts.private_note(view.meeting, view.viewer)
    return PrivateNoteForm(initial={"text": text}, auto_id=PRIVATE_NOTES_ID)


def _can_book_again(view: MeetingView) -> bool:
    """Whether the page leads on to another booking with the same mentor."""
    if view.is_mentor or view.meeting.is_active:
        return False
    return MentorProfile.objects.listed().filter(pk=view.other.pk).exists()
