"""Every call by every kind of person. A call that is missing from the table fails the test."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from p2plearn.api import api
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon
from tests.meetings.api.caller import Caller
from tests.meetings.matching import match_calendar

pytestmark = pytest.mark.django_db

ROLES = ("nobody", "learner", "mentor", "stranger", "deactivated", "staff")

# The status for each of them, in that order. The meeting of learner and mentor is in progress.
OPEN = (400, 400, 400, 400, 400, 400)
SIGNED_IN = (401, 200, 200, 200, 401, 200)
PARTICIPANTS = (401, 200, 200, 404, 401, 404)
TABLE = {
    ("POST", "/api/auth/token"): OPEN,
    ("POST", "/api/auth/refresh"): OPEN,
    ("POST", "/api/auth/logout"): SIGNED_IN,
    ("POST", "/api/meetings/create"): (401, 201, 400, 201, 401, 201),
    ("GET", "/api/meetings"): SIGNED_IN,
    ("GET", "/api/meetings/{meeting_id}"): PARTICIPANTS,
    ("PUT", "/api/meetings/{meeting_id}"): PARTICIPANTS,
    ("PATCH", "/api/meetings/{meeting_id}"): PARTICIPANTS,
    ("DELETE", "/api/meetings/{meeting_id}"): PARTICIPANTS,
    ("POST", "/api/meetings/{meeting_id}/join"): PARTICIPANTS,
    ("POST", "/api/meetings/{meeting_id}/complete"): PARTICIPANTS,
    ("GET", "/api/mentors"): SIGNED_IN,
    ("GET", "/api/mentors/{mentor_id}"): SIGNED_IN,
    ("GET", "/api/mentors/{mentor_id}/slots"): SIGNED_IN,
}


@pytest.fixture
def mentor():
    return MentorFactory()


@pytest.fixture
def meeting(mentor):
    now = timezone.now()
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    meeting = MeetingFactory(mentor=mentor.user, scheduled_at=start)
    match_calendar(meeting)
    return meeting


def callers(meeting):
    deactivated = UserFactory()
    people = {
        "nobody": Caller(),
        "learner": Caller(meeting.learner),
        "mentor": Caller(meeting.mentor),
        "stranger": Caller(UserFactory()),
        "deactivated": Caller(deactivated),
        "staff": Caller(UserFactory(is_staff=True, is_superuser=True)),
    }
    deactivated.is_active = False
    deactivated.save()
    return people


@pytest.mark.parametrize("call", TABLE, ids=" ".join)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what(role, call, meeting, mentor):
    method, path = call
    caller = callers(meeting)[role]
    address = path.format(meeting_id=meeting.pk, mentor_id=mentor.pk).removeprefix("/api/")
    body = None
    if path.endswith("/create"):
        start = soon(timezone.now() + timedelta(days=1))
        body = {
            "mentorId": str(mentor.pk),
            "subject": "Loops",
            "scheduledAt": start.isoformat(),
            "duration": 30,
        }
    elif method in ("PUT", "PATCH"):
        body = {"subject": "New"}
    elif path in ("/api/auth/token", "/api/auth/refresh"):
        body = {}

    response = caller(method, address, body)

    assert response.status_code == TABLE[call][ROLES.index(role)]


def test_every_call_is_in_the_table():
    described = {
        (method.upper(), path)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }

    assert described == set(TABLE)


def test_the_description_is_for_programs_and_its_page_for_staff():
    spec, page = reverse("api:openapi-json"), reverse("api:openapi-view")
    visitor, learner, staff = (Caller().client for _ in range(3))
    learner.force_login(UserFactory())
    staff.force_login(UserFactory(is_staff=True))

    assert (spec, page) == ("/api/openapi.json", "/api/docs")
    assert visitor.get(spec).status_code == 200
    assert visitor.get(page).status_code == 302
    assert learner.get(page).status_code == 403
    answer = staff.get(page)
    assert answer.status_code == 200
    assert b"<style" not in answer.content
    assert b"//cdn" not in answer.content
