"""The API against its OpenAPI description: each response to generated requests matches it."""

import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from meetings.domain.policy import Status
from p2plearn.api import api
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon
from tests.meetings.api.caller import tokens_of, z
from tests.meetings.matching import match_calendar

pytestmark = [pytest.mark.schemathesis, pytest.mark.django_db]

# For each of the three callers.
EXAMPLES = int(os.environ.get("EXAMPLES", "50"))
LEARNER, MENTOR, SCHEDULED, RUNNING, DONE = (uuid.UUID(int=number) for number in range(1, 6))
NONE = str(uuid.UUID(int=9))
MEETINGS = [str(meeting) for meeting in (SCHEDULED, RUNNING, DONE)]
# Free times, and some that cannot be booked.
TIMES = [z(soon(timezone.now()) + timedelta(days=day)) for day in range(2, 20)]
TIMES += ["1999-12-31T23:45:00Z", "8999-12-31T23:45:00-12:00", "2027-03-28T02:30:07.123+14:00"]
# A valid request can still ask for something impossible, such as a time in the past.
POSSIBLE = ["2xx", "400", "401", "403", "404", "409", "413", "422", "429"]
REFUSED = ["400", "401", "403", "404", "405", "413", "415", "429"]
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": POSSIBLE},
    "negative_data_rejection": {"expected-statuses": REFUSED},
}


def described() -> dict[str, Any]:
    """The OpenAPI description, restricted to ids and times of this test.

    Requests that violate the description still have arbitrary ones.
    """
    found: dict[str, Any] = api.get_openapi_schema()
    for path, methods in found["paths"].items():
        ids = [*MEETINGS, NONE] if "{meeting_id}" in path else [str(MENTOR), NONE]
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if parameter["name"] in ("meeting_id", "mentor_id", "mentorId"):
                    parameter["schema"] = {"type": "string", "enum": ids}
    for name, field, values in (
        ("BookingBody", "mentorId", [str(MENTOR), NONE]),
        ("BookingBody", "scheduledAt", TIMES),
        ("ChangeBody", "scheduledAt", TIMES),
    ):
        properties = found["components"]["schemas"][name]["properties"]
        properties[field] = {"type": "string", "enum": values}
    return found


schema = schemathesis.openapi.from_dict(
    described(), config=SchemathesisConfig.from_dict({"checks": CHECKS})
)
schema.app = get_wsgi_application()


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Keep requests from closing the connection, whose transaction contains the test's people."""
    ends = (request_started, request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.fixture
def people(settings):
    settings.UPCOMING_MEETINGS_LIMIT = 1_000
    settings.CALENDAR_WAIT = timedelta()
    now = timezone.now()
    mentor = MentorFactory(user__id=MENTOR).user
    learner = UserFactory(id=LEARNER)
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    both = {"mentor": mentor, "learner": learner}
    MeetingFactory(id=SCHEDULED, scheduled_at=soon(now, 3 * 24 * 60), **both)
    running = MeetingFactory(id=RUNNING, scheduled_at=quarter, **both)
    match_calendar(running)
    MeetingFactory(
        id=DONE, scheduled_at=quarter - timedelta(days=1), status=Status.COMPLETED, **both
    )
    return {"nobody": None, **both}


@pytest.mark.parametrize("role", ["nobody", "learner", "mentor"])
@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
def test_every_answer_is_described(case, people, role):
    person = people[role]
    # In this process there is no HTTP client that decompresses responses.
    headers = {"Accept-Encoding": "identity"}
    if person:
        headers["Authorization"] = f"Bearer {tokens_of(person)['access_token']}"

    case.call_and_validate(headers=headers)
