"""Databases for tests with several processes."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.db.utils import ConnectionHandler

from meetings.domain.grid import instant_of
from meetings.domain.policy import ACTIVE, Status
from meetings.models import BusyCell, Meeting
from p2plearn import env as environment
from tests.e2e.servers.binaries import find_postgres
from tests.e2e.servers.mongodb import drop_database as drop_mongo_database
from tests.e2e.servers.postgres import PostgresServer
from tests.e2e.servers.postgres import create_database as create_postgres_database


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """The DATABASE_URL of an empty SQLite file."""
    yield f"sqlite:///{folder / 'race.sqlite3'}"


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The DATABASE_URL of an empty database on a private PostgreSQL server."""
    if find_postgres() is None:
        # In CI, skipping is a failure.
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("no PostgreSQL server is installed")
    with PostgresServer() as server:
        yield server.create_database("race")


def empty_database(folder: Path, name: str = "race") -> str:
    """The DATABASE_URL of an empty database of the kind that the tests run on."""
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not url.hostname:
        return f"sqlite:///{folder / name}.sqlite3"
    # Each worker process of pytest-xdist has its own.
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    if url.scheme == "mongodb":
        drop_mongo_database(url.geturl(), name)
    else:
        create_postgres_database(url.geturl(), name)
    return url._replace(path=f"/{name}").geturl()


@contextmanager
def as_default(url: str) -> Iterator[None]:
    """Inside, the models in this thread use the database at url."""
    with patch.dict(os.environ, DATABASE_URL=url):
        there = ConnectionHandler({"default": environment.database()})["default"]
    before = connections["default"]
    connections["default"] = there
    try:
        yield
    finally:
        there.close()
        connections["default"] = before


def assert_nobody_is_booked_twice() -> None:
    """Assert that the busy cells match the meetings, and that nobody is in two meetings at once."""
    holding = list(Meeting.objects.filter(status__in=[*ACTIVE, Status.COMPLETED]))
    wanted = Counter(
        (person, instant_of(cell), BusyCell.OwnerKind.MEETING, meeting.pk)
        for meeting in holding
        for person, cell in meeting.cells()
    )
    taken = BusyCell.objects.values_list("person", "starts_at", "owner_kind", "owner_id")
    assert Counter(taken) == wanted
    active = [meeting for meeting in holding if meeting.is_active]
    for person in {each for meeting in active for each in (meeting.mentor_id, meeting.learner_id)}:
        theirs = sorted(
            meeting.span for meeting in active if person in (meeting.mentor_id, meeting.learner_id)
        )
        assert not any(first.overlaps(second) for first, second in pairwise(theirs))
