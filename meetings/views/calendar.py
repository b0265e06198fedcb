"""Connecting one's own Google Calendar in Settings."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from meetings.calendars.connection import ConnectionRefused, Refusal, request_calendar
from meetings.calendars.connection import connect as connect_calendar
from meetings.calendars.connection import disconnect as disconnect_calendar
from meetings.calendars.homes import connection_of, home_of
from meetings.models import CalendarEvent, Meeting
from meetings.views.objects import viewer_of

# The session's key for a connection that was started, and how long Google may take to respond.
SESSION_KEY = "calendar_connect"
ANSWER_WITHIN = timedelta(minutes=10)


@require_POST
def connect(request: HttpRequest) -> HttpResponse:
    """Redirect to Google's consent screen, which redirects to callback()."""
    if not settings.HAS_GOOGLE_CLIENT:
        messages.error(request, _("Google Calendar is not set up on this site."))
        return redirect("accounts:settings")
    question = request_calendar()
    request.session[SESSION_KEY] = {
        "state": question.state,
        "verifier": question.verifier,
        "person": str(viewer_of(request).pk),
        "began": timezone.now().timestamp(),
    }
    return redirect(question.url)


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """The redirect from Google's consent screen.

    OAuth makes this a GET that changes something. It is protected by the state, which only this
    session knows and accepts once, and by PKCE, which makes the code worthless elsewhere.
    """
    now = timezone.now()
    try:
        verifier = _take_verifier(request, now)
        if "code" not in request.GET:
            is_denied = request.GET.get("error") == "access_denied"
            raise ConnectionRefused(Refusal.DENIED if is_denied else Refusal.FAILED)
        code = request.GET["code"]
        connection = connect_calendar(viewer_of(request), code=code, verifier=verifier, now=now)
    except ConnectionRefused as refused:
        messages.error(request, str(refused))
        return redirect("accounts:settings")
    if connection.busy_read_at == now:
        messages.success(request, _("Your Google Calendar is connected."))
    else:
        text = _("Your Google Calendar is connected. When you are busy there is still to be read.")
        messages.warning(request, text)
    return redirect("accounts:settings")


@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: HttpRequest) -> HttpResponse:
    """The page that asks for confirmation; a POST disconnects."""
    viewer = viewer_of(request)
    connection = connection_of(viewer)
    if connection is None:
        return redirect("accounts:settings")
    if request.method != "POST":
        upcoming = Meeting.objects.upcoming(timezone.now()).order_by().values("pk")
        there = CalendarEvent.objects.at(home_of(connection))
        count = there.filter(meeting__in=upcoming).count()
        context = {"connection": connection, "count": count}
        return render(request, "meetings/calendar/calendar_disconnect.html", context)
    if disconnect_calendar(viewer):
        messages.success(request, _("Your Google Calendar is no longer connected."))
    else:
        text = _(
            "Your Google Calendar is no longer connected here, and what we knew of it is erased. "
            "Google did not confirm that it has ended our access: please remove this site from "
            "the third-party connections of your Google Account."
        )
        messages.warning(request, text)
    return redirect("accounts:settings")


def _take_verifier(request: HttpRequest, now: datetime) -> str:
    """The PKCE verifier of the connection that this session has started; it works once.

    Raises ConnectionRefused unless state and person are the same and the response is in time.
    """
    begun: dict[str, Any] = request.session.pop(SESSION_KEY, None) or {}
    is_answer = (
        bool(begun)
        and constant_time_compare(begun["state"], request.GET.get("state", ""))
        and begun["person"] == str(viewer_of(request).pk)
        and now - datetime.fromtimestamp(begun["began"], UTC) <= ANSWER_WITHIN
    )
    if not is_answer:
        raise ConnectionRefused(Refusal.STATE)
    return str(begun["verifier"])
