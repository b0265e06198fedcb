"""Google's tokens never appear in a page, a log, the admin, command output or the database."""

import logging
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.models import CalendarEvent
from meetings.tasks import bring_calendars_up, refresh_busy_times
from tests.e2e.google.consenting import go_through
from tests.e2e.google.faults import Fault
from tests.factories import MeetingFactory, MentorFactory, soon

# Tokens as the fake Google makes them, and the client's secret.
CANARY = re.compile(r"(refresh|access)-[0-9a-f]{16}|loopback-secret")
PLATFORM = "platform@gmail.example.com"
FAULTS = (
    Fault("answer", 403, "forbidden"),
    Fault("answer", 429, "rateLimitExceeded"),
    Fault("reset_before"),
    Fault("truncate"),
    Fault("answer", 401, "authError"),
)


def visit_all(client, mentor, meeting, seen):
    """Request all pages that show something of the calendar."""
    for name, args in (
        ("meetings:dashboard", []),
        ("accounts:settings", []),
        ("meetings:meeting", [meeting.pk]),
        ("meetings:mentor", [mentor.pk]),
        ("meetings:calendar_disconnect", []),
        ("admin:calendar_state", []),
        ("admin:accounts_calendarconnection_changelist", []),
        ("admin:accounts_calendarconnection_change", [mentor.pk]),
        ("admin:meetings_meeting_change", [meeting.pk]),
        ("admin:accounts_user_change", [mentor.pk]),
    ):
        seen.append(client.get(reverse(name, args=args), follow=True))


def text_of(record):
    """The whole log record as text, with its traceback and extra attributes."""
    return f"{logging.Formatter().format(record)} {record.__dict__}"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_token_shows_anywhere(google, settings, client, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    settings.CALENDAR_WAIT = timedelta()
    settings.GOOGLE_REFRESH_TOKEN = google.consent(PLATFORM, " ".join(settings.GOOGLE_SCOPES))
    mentor = MentorFactory(user__is_staff=True, user__is_superuser=True).user
    client.force_login(mentor)
    seen = []

    # Connect, with every possible failure.
    for fault in FAULTS:
        google.faults.add("token", fault)
        seen.append(go_through(client))
    google.granted_scope = "openid"
    seen.append(go_through(client))
    google.granted_scope = None
    google.gives_refresh_token = False
    seen.append(go_through(client))
    google.gives_refresh_token = True
    seen += [client.post(reverse("meetings:calendar_connect")), go_through(client)]
    assert CalendarConnection.objects.count() == 1
    meeting = MeetingFactory(mentor=mentor, scheduled_at=soon(timezone.now(), 24 * 60))
    # Each call of the worker, with each fault.
    for operation in ("events.insert", "events.get", "freebusy.query", "token"):
        for fault in FAULTS:
            google.faults.add(operation, fault)
            CalendarEvent.objects.update(due_at=timezone.now(), lease=None)
            CalendarConnection.objects.update(busy_tried_at=None, broken_at=None)
            bring_calendars_up(timezone.now())
            refresh_busy_times(timezone.now())
            seen.append(client.get(reverse("admin:calendar_state")))
        visit_all(client, mentor, meeting, seen)
        google.faults.clear()
    # Staff's actions, and an ended consent.
    seen.append(client.post(reverse("admin:calendar_check")))
    call_command("calendar_reconcile")
    google.end_consent(settings.GOOGLE_REFRESH_TOKEN)
    google.end_consent(CalendarConnection.objects.get().refresh_token)
    seen.append(client.post(reverse("admin:calendar_check")))
    for command in ("google_check", "calendar_reconcile"):
        with pytest.raises(SystemExit):
            call_command(command)
    visit_all(client, mentor, meeting, seen)

    assert len(google.access_tokens) + len(google.calls) > 20
    assert [page.request["PATH_INFO"] for page in seen if CANARY.search(shown(page))] == []
    assert [text_of(each) for each in caplog.records if CANARY.search(text_of(each))] == []
    assert CANARY.findall("".join(capfd.readouterr())) == []
    if connection.vendor == "sqlite":
        raw = connection.connection.serialize().decode("latin-1")
        assert mentor.email in raw
        assert CANARY.search(raw) is None
    google.faults.keep("revoke", Fault("answer"))
    disconnected = client.post(reverse("meetings:calendar_disconnect"), follow=True)
    assert CANARY.search(shown(disconnected)) is None


def shown(page):
    """Everything that the browser gets: headers, cookies, content and redirects."""
    chain = [url for url, _status in getattr(page, "redirect_chain", [])]
    return f"{page.serialize_headers()} {page.cookies} {page.content} {chain}"


def test_the_canary_would_sing(google):
    token = google.consent(PLATFORM, "any")

    assert CANARY.search(f"x {token} y")
    assert CANARY.search(google.client_secret)
