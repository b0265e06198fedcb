import pytest
from django.core.management import call_command
from django.db import connection

from tests.meetings.management.copies import Places
from tests.races.database import as_default


@pytest.fixture(scope="session")
def template(tmp_path_factory, django_db_setup, django_db_blocker):
    """An SQLite file with the site's tables."""
    if connection.vendor != "sqlite":
        pytest.skip("copies of SQLite are tried where all tests run on it")
    file = tmp_path_factory.mktemp("template") / "db.sqlite3"
    with django_db_blocker.unblock(), as_default(f"sqlite:///{file}"):
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
    return file


@pytest.fixture
def places(tmp_path, template, settings):
    return Places(tmp_path, template, settings)
