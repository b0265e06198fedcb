import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import OperationalError, connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor == "mongodb", reason="the table of a database that has tables"
    ),
]


@pytest.fixture
def cache(settings):
    settings.CACHES = {
        "default": {"BACKEND": "p2plearn.cache.DatabaseCache", "LOCATION": "a_cache"}
    }
    call_command("createcachetable")
    return caches["default"]


def test_it_keeps_things(cache):
    assert (cache.add("key", 1), cache.add("key", 2), cache.get("key")) == (True, False, 1)


def test_what_cannot_be_written_is_not_passed_over(cache):
    def fail_to_begin(execute, sql, *more):
        if sql.startswith(("BEGIN", "SAVEPOINT")):
            raise OperationalError("database is locked")
        return execute(sql, *more)

    with connection.execute_wrapper(fail_to_begin), pytest.raises(OperationalError):
        cache.add("key", 1)
