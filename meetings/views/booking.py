import uuid
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from allauth.core.ratelimit import consume
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect, replace_url, reswap, retarget
from django_htmx.middleware import HtmxDetails

from accounts.models import MentorProfile
from meetings.calendars.homes import offers_meet
from meetings.domain.errors import BookingError, SlotTaken
from meetings.forms.booking import BookingForm
from meetings.forms.messages import count_refusal, text_of
from meetings.models import Meeting
from meetings.views.objects import session_type_or_404, view_of, viewer_of
from meetings.views.picker import alternative_slots, pick
from meetings.views.picker_context import PickerContext
from meetings.views.picker_query import PickerQuery, requested_zone


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, mentor_id: uuid.UUID) -> HttpResponse:
    """The page on which a mentor is booked; a POST books."""
    is_sent = request.method == "POST"
    if mentor_id == viewer_of(request).pk:
        profile = session_type_or_404(mentor_id).mentor.mentor_profile
        status = HTTPStatus.CONFLICT if is_sent else HTTPStatus.OK
        return render(
            request, "meetings/booking/book_own.html", {"profile": profile}, status=status
        )
    if is_sent:
        return _book(request, mentor_id, BookingForm(request.POST))
    return _page(request, mentor_id, BookingForm())


def _book(request: HttpRequest, mentor_id: uuid.UUID, form: BookingForm) -> HttpResponse:
    learner = viewer_of(request)
    if not form.is_valid():
        return _page(request, mentor_id, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if not consume(request, action="book", user=learner):
        form.add_error(None, _("That was a lot at once. Please wait a minute and send it again."))
        return _page(request, mentor_id, form, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        meeting = form.book(mentor_id=mentor_id, learner=learner)
    except BookingError as error:
        count_refusal(error)
        form.add_error(None, text_of(error))
        nearest = error.nearest if isinstance(error, SlotTaken) else ()
        return _page(request, mentor_id, form, status=HTTPStatus.CONFLICT, nearest=nearest)
    return _booked(request, meeting)


def _booked(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Show the meeting: in a dialog over the page for htmx, else by a redirect to its page.

    A form that is sent again may have booked a meeting that has been cancelled since.
    """
    url = meeting.get_absolute_url()
    if not _is_htmx(request):
        to = f"{url}?booked=1" if meeting.is_active else url
        return HttpResponseRedirect(to, status=HTTPStatus.SEE_OTHER)
    if not meeting.is_active:
        return HttpResponseClientRedirect(url)
    context = {"view": view_of(request, meeting), "looked_at": requested_zone(request.POST)}
    response = render(request, "meetings/booking/partials/booked_dialog.html", context)
    return replace_url(reswap(retarget(response, "#modal"), "innerHTML"), url)


def _page(
    request: HttpRequest,
    mentor_id: uuid.UUID,
    form: BookingForm,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    nearest: Sequence[datetime] = (),
) -> HttpResponse:
    """The page, or only its form in response to htmx; 404 for a mentor who cannot be booked."""
    viewer, session_type = viewer_of(request), session_type_or_404(mentor_id)
    profile = session_type.mentor.mentor_profile
    path = reverse("meetings:book", args=[profile.pk])
    values = form.data if form.is_bound else request.GET
    picker_context = PickerContext(
        session_type,
        viewer.pk,
        viewer,
        profile.user,
        path,
        timezone.now(),
        requested_zone=requested_zone(values),
    )
    context = {
        "profile": profile,
        "form": form,
        "picker": pick(picker_context, PickerQuery.of(values, picker_context.zone)),
        "nearest": alternative_slots(nearest, picker_context),
        "room": _room(profile),
        "button": _button(profile),
    }
    is_part = form.is_bound and _is_htmx(request)
    template = (
        "meetings/booking/partials/booking_form.html" if is_part else "meetings/booking/book.html"
    )
    return render(request, template, context, status=status)


def _button(profile: MentorProfile) -> str:
    if offers_meet(profile.user):
        return _("Book Session with Google Meet")
    return _("Book session")


def _room(profile: MentorProfile) -> str:
    """Where learner and mentor will meet, as far as it is known before the booking."""
    if offers_meet(profile.user):
        return _("You meet on Google Meet; the link comes with the booking.")
    if profile.room_url:
        return _("You meet in %(name)s’s own video room; the link comes with the booking.") % {
            "name": profile.user.short_name
        }
    host = urlsplit(settings.ROOM_URL_TEMPLATE).hostname
    return _("You meet in a video room on %(host)s; the link comes with the booking.") % {
        "host": host
    }


def _is_htmx(request: HttpRequest) -> bool:
    return bool(cast(HtmxDetails, request.htmx))  # type: ignore[attr-defined]
