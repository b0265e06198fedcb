"""Reading a snapshot for long while others write."""

import time
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from pymongo import MongoClient

from accounts.models import MentorProfile, User
from p2plearn.transfer.export import snapshot
from tests.e2e.races.database import as_default
from tests.e2e.servers.mongodb import MongoServer
from tests.factories import MentorFactory, UserFactory
from tests.p2plearn.mongodb.other import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_that_is_read_is_as_it_was_at_the_start():
    person = UserFactory(name="Ana")

    with snapshot():
        elsewhere(lambda: MentorFactory(user__name="Ben"))
        elsewhere(lambda: User.objects.filter(pk=person.pk).update(name="Anna"))
        seen = list(User.objects.values_list("name", flat=True)), MentorProfile.objects.count()

    assert seen == (["Ana"], 0)
    assert sorted(User.objects.values_list("name", flat=True)) == ["Anna", "Ben"]


def test_it_ends_with_the_block_even_if_that_fails():
    with pytest.raises(ZeroDivisionError), snapshot():
        raise ZeroDivisionError

    elsewhere(UserFactory)
    assert User.objects.count() == 1


def test_a_moment_that_is_too_long_ago_is_said_to_be(tmp_path):
    """The server is configured to keep no snapshots."""
    with MongoServer() as server, MongoClient[dict[str, Any]](server.url) as client:
        client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=0)
        with as_default(server.create_database("old")):
            call_command("migrate", verbosity=0)
            with snapshot():
                read_until_it_fails(client)
            assert User.objects.count() == 0


def read_until_it_fails(client):
    deadline = time.monotonic() + 30
    with pytest.raises(OperationalError, match="minSnapshotHistoryWindowInSeconds"):
        while time.monotonic() < deadline:
            client.old.others.insert_one({})
            User.objects.count()
