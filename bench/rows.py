"""What a meeting takes in PostgreSQL, and how many queries a page takes.

Bytes are those of tables and indexes as they grow, in an order as random as people are.
"""

import os
import random
import secrets
import tempfile
from datetime import UTC, datetime, timedelta

import django

from tests.servers.postgres import PostgresServer

if __name__ == "__main__":
    server = PostgresServer()
    server.start()
    folder = tempfile.TemporaryDirectory(prefix="p2plearn-bench-")
    os.environ.update(
        # Not those of the tests, which mail and call the calendar with each row.
        DJANGO_SETTINGS_MODULE="p2plearn.settings",
        ENVIRONMENT="development",
        DEBUG="off",
        SECRET_KEY=secrets.token_urlsafe(64),
        DATABASE_URL=server.create_database("bench"),
        CACHE_URL="locmemcache://",
        JOBS_URL="",
        VAR_DIR=folder.name,
        CALENDAR_WAIT="0",
        ALLOWED_HOSTS="testserver",
    )
    django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from meetings.models import Meeting
from tests.factories import MentorFactory, UserFactory

MEETINGS = 1_500
MENTORS = 50
LEARNERS = 150
TABLES = {
    "meetings_meeting": "meeting",
    "meetings_busycell": "busy cells",
    "meetings_notification": "notifications",
}


def main() -> None:
    call_command("migrate", verbosity=0)
    learner = _fill()
    _report_bytes()
    _report_queries(learner)


def _fill() -> User:
    """Meetings of an hour, each at an hour that both have free; returns one of the learners."""
    mentors = [MentorFactory(horizon=180).user for _number in range(MENTORS)]
    learners = [UserFactory() for _number in range(LEARNERS)]
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    random.seed(1)
    # Each learner has hours of their own, so nobody is in two meetings at once.
    places = [(n % MENTORS, n % LEARNERS, n // MENTORS) for n in range(MEETINGS)]
    for mentor, learner, hour in random.sample(places, k=MEETINGS):
        start = first + timedelta(hours=2 * hour)
        Meeting(
            mentor=mentors[mentor],
            learner=learners[learner],
            subject="How to begin with loops",
            description="What I have read, what I tried, and where I am stuck. " * 4,
            scheduled_at=start,
            ends_at=start + timedelta(hours=1),
            duration=60,
        ).save()
    return learners[0]


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
                f"{name:13}: {rows / MEETINGS:4.1f} rows a meeting, each {heap / rows:4.0f} bytes "
                f"and {indexes / rows:4.0f} in indexes"
            )
    print(f"together     : {total / 1000:.1f} kB a meeting")


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
        print(f"{name:13}: {len(queries)} queries")


if __name__ == "__main__":
    try:
        main()
    finally:
        connection.close()
        server.stop()
