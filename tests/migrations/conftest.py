import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from tests.e2e.races.database import as_default, empty_database
from tests.migrations.rows import load, migrate_to_first_version


@pytest.fixture(scope="package")
def carried_over(tmp_path_factory, django_db_blocker):
    """The DATABASE_URL of a database that the first version filled and today's code migrated,
    of the kind that the tests run on."""
    url = empty_database(tmp_path_factory.mktemp("first-version"), "first_version")
    with django_db_blocker.unblock(), as_default(url):
        load(migrate_to_first_version())
        call_command("migrate", verbosity=0)
    yield url
    # Content types are cached, with the ids of this database.
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def site(carried_over, django_db_blocker):
    """The models of this process use that database; each test is rolled back."""
    with django_db_blocker.unblock(), as_default(carried_over):
        yield
