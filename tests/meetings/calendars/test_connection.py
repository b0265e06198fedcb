"""Disconnecting a calendar, with a fake Google on loopback."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from meetings.calendars.connection import disconnect
from meetings.models import ExternalBusy
from tests.e2e.google.connections import connect
from tests.factories import MONDAY, MentorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(google):
    """A person with a connection and busy times."""
    connection = connect(google, MentorFactory().user)
    ExternalBusy.objects.create(
        person=connection.user, starts_at=MONDAY, ends_at=MONDAY.replace(hour=13)
    )
    return connection.user


def test_the_connection_goes_before_the_busy_times(person):
    """read_busy_times() locks the rows in the same order. So it has either stored its busy times
    before, or finds no connection and stores none."""
    with CaptureQueriesContext(database) as queries:
        disconnect(person)

    texts = [each["sql"] for each in queries if "delete" in each["sql"].lower()]
    assert ["connection" in text for text in texts] == [True, False]
