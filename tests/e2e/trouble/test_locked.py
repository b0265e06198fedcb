"""The database is locked for longer than the site waits."""

import sqlite3
from contextlib import closing

import psycopg
import pytest
from django.db import connection

from meetings.models import Meeting
from tests.e2e.races.database import postgres
from tests.e2e.trouble.answers import assert_booked, assert_unavailable
from tests.e2e.trouble.site import site_on

pytestmark = pytest.mark.race


@pytest.fixture(autouse=True)
def database(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def test_a_locked_sqlite_is_said_and_passes(tmp_path):
    file = tmp_path / "db.sqlite3"
    with site_on(f"sqlite:///{file}", tmp_path / "jobs") as site:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            refused = site.book_at_once(day=2)
            page = site.visitors[0].get("/mentors/")
            other.execute("ROLLBACK")
            left = Meeting.objects.count()
        done = site.book_at_once(day=2)

        assert_unavailable(refused)
        assert (page.status, left) == (200, 0)
        assert_booked(done)


@pytest.mark.xdist_group("races on PostgreSQL")
def test_a_locked_postgres_is_said_and_passes(tmp_path):
    with postgres(tmp_path) as url, site_on(url, tmp_path / "jobs") as site:
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE meetings_meeting IN ACCESS EXCLUSIVE MODE")
            refused = site.book_at_once(day=2)
            other.rollback()
        left = Meeting.objects.count()
        done = site.book_at_once(day=2)

        assert_unavailable(refused)
        assert left == 0
        assert_booked(done)


@pytest.mark.xdist_group("races on PostgreSQL")
def test_a_postgres_that_lets_nobody_in_is_said_and_passes(tmp_path):
    with postgres(tmp_path) as url, site_on(url, tmp_path / "jobs") as site:
        name = url.rpartition("/")[2]
        with psycopg.connect(url.replace(name, "postgres"), autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            refused = site.book_at_once(day=2)
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        done = site.book_at_once(day=2)

        assert_unavailable(refused)
        # The server closed this process's connection too, so use a new one.
        connection.close()
        assert_booked(done)
