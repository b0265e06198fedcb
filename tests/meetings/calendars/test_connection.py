"""Letting go of a connected calendar, against a loopback Google."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from meetings.calendars.connection import disconnect
from meetings.models import ExternalBusy
from tests.factories import MONDAY, MentorFactory
from tests.google.connections import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(google):
    """Somebody who is connected, and busy elsewhere."""
    connection = connect(google, MentorFactory().user)
    ExternalBusy.objects.create(
        person=connection.user, starts_at=MONDAY, ends_at=MONDAY.replace(hour=13)
    )
    return connection.user


def test_the_connection_goes_before_the_busy_times(person):
    """A reading that is under way locks the two in this order: it has stored its busy times by
    then, or finds no connection and stores none."""
    with CaptureQueriesContext(database) as queries:
        disconnect(person)

    texts = [each["sql"] for each in queries if "delete" in each["sql"].lower()]
    assert ["connection" in text for text in texts] == [True, False]
