"""Many API calls at the same moment, on several processes of the real site."""

import http.client
import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import TokenFamily
from meetings.models import Meeting
from tests.e2e.races.visitors import SECONDS, at_once
from tests.factories import UserFactory
from tests.meetings.api.caller import tokens_of

pytestmark = pytest.mark.race

ROUNDS = 20
CALLERS = 50
REFRESHERS = 20


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str | None
    body: dict[str, Any]


def call(
    base_url: str,
    path: str,
    body: dict[str, Any],
    *,
    access: str | None = None,
    key: str | None = None,
) -> Answer:
    headers = {"Content-Type": "application/json"}
    if access:
        headers["Authorization"] = f"Bearer {access}"
    if key:
        headers["Idempotency-Key"] = key
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=SECONDS)
    try:
        connection.request("POST", f"/api/{path}", json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    return Answer(response.status, response.headers.get("Retry-After"), answer)


@pytest.fixture(params=range(ROUNDS))
def start(request):
    """Ten o'clock on another free day for each round."""
    tomorrow = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
    return tomorrow + timedelta(days=2 + request.param)


def booking(mentor, start):
    return {
        "mentorId": str(mentor.pk),
        "subject": "Loops",
        "scheduledAt": start.isoformat(),
        "duration": 60,
    }


def test_fifty_creates_with_one_key_make_one_meeting(site, start):
    access = tokens_of(site.learners[0].user)["access_token"]
    create = partial(
        call,
        site.base_url,
        "meetings/create",
        booking(site.mentors[0], start),
        access=access,
        key=str(uuid4()),
    )

    answers = at_once([create] * CALLERS)
    later = create()

    made = [answer for answer in answers if answer.status == 201]
    waiting = [answer for answer in answers if answer.status != 201]
    assert Meeting.objects.count() == 1
    assert made
    assert {answer.body["meeting"]["_id"] for answer in made} == {str(Meeting.objects.get().pk)}
    assert all(answer.body == made[0].body for answer in [*made, later])
    assert {(answer.status, answer.body["code"]) for answer in waiting} <= {(409, "key_in_use")}
    assert all(answer.retry_after == "1" for answer in waiting)


def test_fifty_creates_for_one_slot_make_one_meeting(site, start):
    mentor = site.mentors[0]

    answers = at_once(
        [
            partial(
                call,
                site.base_url,
                "meetings/create",
                booking(mentor, start),
                access=tokens_of(learner.user)["access_token"],
                key=str(uuid4()),
            )
            for learner in site.learners[:CALLERS]
        ]
    )

    assert Counter(answer.status for answer in answers) == {201: 1, 409: 49}
    refused = [answer.body for answer in answers if answer.status == 409]
    assert {body["code"] for body in refused} == {"slot_taken"}
    assert all(len(body["nearest"]) == 3 for body in refused)
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_twenty_uses_of_a_refresh_token_one_wins_at_most(site, round_):
    user = UserFactory()
    refresh = tokens_of(user)["refresh_token"]

    answers = at_once(
        [partial(call, site.base_url, "auth/refresh", {"refresh": refresh})] * REFRESHERS
    )

    statuses = Counter(answer.status for answer in answers)
    assert statuses[200] <= 1
    assert statuses[200] + statuses[401] == REFRESHERS
    assert not TokenFamily.objects.filter(person=user).exists()
    for answer in answers:
        if answer.status == 200:
            again = {"refresh": answer.body["refresh"]}
            assert call(site.base_url, "auth/refresh", again).status == 401
