"""The number of statements of booking, moving and cancelling, log-in included, in all connections.

BEGIN, COMMIT and savepoints are not counted: they cost a round trip, but read no table.
"""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.integrations import queue
from meetings.integrations.background import run_bounded
from meetings.models import Meeting
from meetings.scheduling.next_free import refresh_next_free
from tests.factories import MentorFactory, UserFactory, soon
from tests.meetings.api.caller import Caller, said

pytestmark = pytest.mark.django_db(transaction=True)

BOUNDS = re.compile(r"^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET)\b")
BOOKING, BOOKING_WITH_GOOGLE, MOVE, CANCELLATION = 16, 18, 18, 12
# On MongoDB a lock is a write of its own, before the rows are read.
LOCK = ".lock("


@contextmanager
def counted():
    """A list of all statements during the block, also those of other threads."""
    found = []

    def note(execute, sql, params, many, context):
        if not BOUNDS.match(sql) and LOCK not in sql:
            found.append(sql)
        return execute(sql, params, many, context)

    def listen(sender, connection, **signal):
        connection.execute_wrappers.append(note)

    # A connection made during the block would get the wrapper twice.
    connection.ensure_connection()
    connection_created.connect(listen)
    try:
        with connection.execute_wrapper(note):
            yield found
    finally:
        connection_created.disconnect(listen)


def shown(found):
    return "\n".join(f"{number:3} {sql[:200]}" for number, sql in enumerate(found, 1))


@pytest.fixture(autouse=True)
def without_worker(monkeypatch):
    """Run no jobs: in tests they run within the request, elsewhere in the worker's process."""
    monkeypatch.setattr(queue, "_answers", [])


@pytest.fixture
def mentor():
    """A mentor whose next free time is stored, so that booking it must find the following one."""
    mentor = MentorFactory()
    refresh_next_free([mentor.pk])
    mentor.refresh_from_db()
    return mentor


def body_for(mentor, start):
    return {
        "mentorId": str(mentor.pk),
        "subject": "Loops",
        "scheduledAt": start.isoformat(),
        "duration": 30,
    }


def test_a_booking_of_the_next_free_time(mentor):
    caller = Caller(UserFactory())
    body = body_for(mentor, mentor.next_free_at)

    with counted() as found:
        response = caller.post("meetings/create", body)

    assert response.status_code == 201
    assert said(response)[1]["meeting"]["meetingLink"]
    assert len(found) <= BOOKING, shown(found)


def test_a_booking_on_the_page(mentor, client):
    learner = UserFactory()
    client.force_login(learner)
    form = {
        "start": soon(timezone.now(), 300).isoformat(),
        "duration": "60",
        "subject": "Loops",
        "form_key": "6f0c7d0e-6a0e-4a52-9d3d-2f1b8d4f6a11",
    }

    with counted() as found:
        response = client.post(f"/book-session/{mentor.pk}/", form)

    assert response.status_code == 303
    assert len(found) <= BOOKING, shown(found)


def test_a_booking_with_google(google, settings, mentor):
    settings.CALENDAR_WAIT = timedelta(seconds=10)
    settings.GOOGLE_REFRESH_TOKEN = google.consent(
        "platform@example.com", " ".join(settings.GOOGLE_SCOPES)
    )
    caller = Caller(UserFactory())
    body = body_for(mentor, soon(timezone.now(), 300))

    with counted() as found:
        response = caller.post("meetings/create", body)

    assert said(response)[1]["meeting"]["meetingLink"].startswith("https://meet.google.com/")
    assert len(found) <= BOOKING_WITH_GOOGLE, shown(found)


def booked(caller, mentor, minutes):
    response = caller.post("meetings/create", body_for(mentor, soon(timezone.now(), minutes)))
    return said(response)[1]["meeting"]["_id"]


def test_a_move(mentor):
    caller = Caller(UserFactory())
    meeting = booked(caller, mentor, 300)
    start = soon(timezone.now(), 600).isoformat()

    with counted() as found:
        response = caller("PUT", f"meetings/{meeting}", {"scheduledAt": start})

    assert response.status_code == 200
    assert len(found) <= MOVE, shown(found)


def test_a_cancellation(mentor):
    caller = Caller(UserFactory())
    meeting = booked(caller, mentor, 300)

    with counted() as found:
        response = caller("DELETE", f"meetings/{meeting}")

    assert response.status_code == 200
    assert Meeting.objects.get(pk=meeting).status == "cancelled"
    assert len(found) <= CANCELLATION, shown(found)


def test_statements_of_other_threads_are_counted(mentor):
    """Otherwise the limit with Google would ignore the work in background threads."""
    with counted() as found:
        done = run_bounded(CalendarConnection.objects.count, wait=timedelta(seconds=20))

    assert done
    assert len([sql for sql in found if "calendarconnection" in sql.lower()]) == 1
