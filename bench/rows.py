"""Bytes of a meeting in PostgreSQL, tables and indexes, and the number of queries of a page.

Meetings are stored in random order, as people book, so that indexes grow as in production.
"""

import os
import random
import secrets
import tempfile
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import django

from tests.e2e.servers.postgres import PostgresServer

if __name__ == "__main__":
    server = PostgresServer()
    server.start()
    folder = tempfile.TemporaryDirectory(prefix="p2plearn-bench-")
    os.environ.update(
        DJANGO_SETTINGS_MODULE="tests.settings",
        # In ENVIRONMENT=test the worker's jobs would run with each row.
        ENVIRONMENT="development",
        SECRET_KEY=secrets.token_urlsafe(64),
        DATABASE_URL=server.create_database("bench"),
        CACHE_URL="locmemcache://",
        RATE_LIMITS="off",
        JOBS_URL="",
        VAR_DIR=folder.name,
        ALLOWED_HOSTS="testserver",
    )
    django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import MentorProfile, User
from meetings.calendars.sync import plan_event
from meetings.models import Meeting
from meetings.notifications.notify import notify_booked

MEETINGS = 2_000
MENTORS = 100
LEARNERS = 300
TABLES = {
    "meetings_meeting": "meeting",
    "meetings_busycell": "busy cells",
    "meetings_calendarevent": "calendar event",
    "meetings_meetingevent": "history",
    "meetings_notification": "notifications",
}


def main() -> None:
    call_command("migrate", verbosity=0)
    learner = _fill()
    _report_bytes()
    _report_queries(learner)


def _fill() -> User:
    """Create meetings of an hour, when both people are free; returns one of the learners."""
    mentors, learners = _people(MENTORS), _people(LEARNERS)
    for mentor in mentors:
        MentorProfile.objects.create(user=mentor, headline="Teaches")
    now = datetime.now(UTC)
    first = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    meetings = [
        Meeting(
            mentor=mentors[number % MENTORS],
            learner=learners[number % LEARNERS],
            subject="How to begin with loops",
            description="What I have read, what I tried, and where I am stuck. " * 4,
            scheduled_at=first + timedelta(hours=2 * (number // MENTORS)),
            duration=60,
        )
        for number in range(MEETINGS)
    ]
    random.seed(1)
    random.shuffle(meetings)
    with transaction.atomic():
        for meeting in meetings:
            plan_event(meeting)
            meeting.save(force_insert=True)
            notify_booked(meeting, now)
    return learners[0]


def _people(count: int) -> list[User]:
    return User.objects.bulk_create(
        [User(name=f"Person {n}", email=f"{uuid4()}@example.com") for n in range(count)]
    )


def _report_bytes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        total = 0.0
        for table, name in TABLES.items():
            cursor.execute(
                "SELECT count(*), pg_table_size(%s), pg_indexes_size(%s) FROM " + table,  # noqa: S608  fixed names
                [table, table],
            )
            rows, heap, indexes = cursor.fetchone()
            total += (heap + indexes) / MEETINGS
            print(
                f"{name:14}: {rows / MEETINGS:4.1f} rows a meeting, each {heap / rows:4.0f} bytes "
                f"and {indexes / rows:4.0f} in indexes"
            )
    print(f"together      : {total / 1000:.1f} kB a meeting")


def _report_queries(learner: User) -> None:
    client = Client()
    client.force_login(learner, "accounts.backends.AccountBackend")
    mentor = Meeting.objects.filter(learner=learner)[0].mentor_id
    pages = {
        "mentors": "/mentors/",
        "booking page": f"/book-session/{mentor}/",
        "dashboard": "/dashboard/",
        "bell": "/notifications/bell/",
    }
    for name, path in pages.items():
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        print(f"{name:14}: {len(queries)} queries")


if __name__ == "__main__":
    try:
        main()
    finally:
        connection.close()
        server.stop()
