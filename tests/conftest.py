from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from accounts import clocks
from tests.e2e.google.server import LoopbackGoogle
from tests.e2e.races.database import as_default
from tests.p2plearn.backup.copies import Places

HERE = Path(__file__).parent
# Tests that do not depend on the database of the suite; they run on SQLite only.
ONCE = {
    "bin": "knows no database",
    "deploy": "knows no database",
    "meetings/domain": "knows no database",
    "p2plearn/monitoring/test_error_reports.py": "brings its own databases",
    "p2plearn/monitoring/test_metrics.py": "brings its own databases",
    "p2plearn/test_startup.py": "brings its own databases",
    "e2e/servers": "brings its own databases",
    "e2e/test_restart.py": "knows no database",
    "e2e/trouble": "brings its own databases",
}

# What all tests of a folder or file are marked with; pyproject.toml explains the marks.
MARKS = {
    "e2e": "e2e",
    "e2e/kills": "kills",
    "e2e/mail/test_crashes.py": "kills",
    "e2e/servers": "servers",
    "e2e/trouble": "servers",
    "meetings/api/test_schemathesis.py": "slow",
    "p2plearn/monitoring/test_metrics.py": "servers",
    "p2plearn/test_startup.py": "servers",
    "p2plearn/transfer/test_further_rows.py": "servers",
}


# First, since pytest selects by mark in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        for place, mark in MARKS.items():
            if item.path.is_relative_to(HERE / place):
                item.add_marker(mark)
    if connection.vendor == "sqlite":
        return
    for item in items:
        for place, reason in ONCE.items():
            if item.path.is_relative_to(HERE / place):
                item.add_marker(pytest.mark.skip(reason=f"{reason}: run with the suite on SQLite"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """At the end, close all connections, those of threads and killed processes included:
    PostgreSQL drops no database that is in use."""
    yield
    if connection.vendor != "postgresql":
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def as_at_the_start():
    """Start each test in English with a 24-hour clock: an earlier request may have changed them."""
    with translation.override(site_settings.LANGUAGE_CODE), clocks.override(clocks.Clock.HOURS_24):
        yield


@pytest.fixture
def google(settings, monkeypatch):
    """A fake Google on loopback, with the site's settings pointing to it."""
    # oauthlib refuses plain HTTP, which the test server uses.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with LoopbackGoogle() as running:
        for name, value in running.settings().items():
            setattr(settings, name, value)
        yield running.google
        assert running.google.complaints == []


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory, django_db_setup, django_db_blocker):
    """An SQLite file with the site's tables."""
    if connection.vendor != "sqlite":
        pytest.skip("copies of SQLite are tried where all tests run on it")
    file = tmp_path_factory.mktemp("empty-site") / "db.sqlite3"
    with django_db_blocker.unblock(), as_default(f"sqlite:///{file}"):
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
    return file


@pytest.fixture
def places(tmp_path, empty_site, settings):
    """Folders for sites that are backed up and restored."""
    return Places(tmp_path, empty_site, settings)
