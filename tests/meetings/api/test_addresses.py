"""Addresses, methods and headers below /api/."""

import uuid

import pytest

from tests.factories import MeetingFactory, MentorFactory, UserFactory
from tests.meetings.api.caller import Caller, said

SOMETHING = uuid.UUID(int=7)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    "path", ["", "nothing", "meetings/", "meetings/7", "meetings/create/", "auth", "admin/"]
)
def test_an_unknown_address_answers_in_json(method, path):
    response = Caller()(method, path)

    assert said(response) == (
        404,
        {"success": False, "code": "not_found", "message": "There is nothing here."},
    )


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("HEAD", "meetings", "GET"),
        ("OPTIONS", "meetings", "GET"),
        ("POST", "meetings", "GET"),
        ("GET", "meetings/create", "POST"),
        ("POST", f"meetings/{SOMETHING}", "DELETE, GET, PATCH, PUT"),
        ("GET", f"meetings/{SOMETHING}/join", "POST"),
        ("DELETE", "auth/token", "POST"),
        ("BREW", "mentors", "GET"),
    ],
)
def test_a_wrong_method_says_which_are_right(method, path, allowed):
    response = Caller()(method, path)

    assert (response.status_code, response["Allow"]) == (405, allowed)
    assert response["Content-Type"] == "application/json"


def test_another_persons_meeting_is_like_a_missing_one_to_the_byte():
    stranger, meeting = Caller(MentorFactory().user), MeetingFactory()

    for method, end in (
        ("GET", ""),
        ("PUT", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/join"),
        ("POST", "/complete"),
    ):
        body = {"subject": "x"} if method in ("PUT", "PATCH") else None
        theirs = stranger(method, f"meetings/{meeting.pk}{end}", body)
        missing = stranger(method, f"meetings/{uuid.uuid4()}{end}", body)

        assert theirs.status_code == missing.status_code == 404
        assert theirs.content == missing.content
        # Except the one that differs in every response.
        del theirs["X-Request-ID"], missing["X-Request-ID"]
        assert theirs.headers == missing.headers


def test_nothing_is_kept_by_caches():
    assert Caller(UserFactory()).get("meetings")["Cache-Control"] == "no-store"
    assert Caller().get("meetings")["Cache-Control"] == "no-store"


def test_mentors_show_neither_address_nor_room():
    mentor = MentorFactory(room_url="https://rooms.example.org/secret")
    caller = Caller(UserFactory())

    found, one = caller.get("mentors"), caller.get(f"mentors/{mentor.pk}")

    assert said(found)[1]["mentors"] == [said(one)[1]["mentor"]]
    assert said(one)[1]["mentor"]["_id"] == str(mentor.pk)
    for response in (found, one):
        assert mentor.user.email.encode() not in response.content
        assert b"secret" not in response.content


def test_mentors_who_cannot_be_booked_are_not_there():
    caller = Caller(UserFactory())
    hidden = MentorFactory(is_listed=False)
    gone = MentorFactory(user=UserFactory(is_active=False))

    assert said(caller.get("mentors"))[1]["count"] == 0
    for mentor in (hidden, gone):
        assert caller.get(f"mentors/{mentor.pk}").status_code == 404
        assert caller.get(f"mentors/{mentor.pk}/slots").status_code == 404


def test_mentors_can_be_searched():
    ada = MentorFactory(skills=["C++", "Python"], languages=["de"], user__name="Ada")
    bob = MentorFactory(skills=["Knitting"], languages=["en"], weekly={}, user__name="Bob")
    caller = Caller(UserFactory())

    def found(**query):
        status, answer = said(caller.get("mentors", **query))
        assert status == 200
        return {each["_id"] for each in answer["mentors"]}

    both = {str(ada.pk), str(bob.pk)}
    assert found() == found(sort="next") == found(pageSize=1) | found(pageSize=1, page=2) == both
    assert found(q="ADA") == found(skill="c++") == found(language="DE") == {str(ada.pk)}
    assert found(skill="knitting") == {str(bob.pk)}
    assert found(q="bob", skill="C++") == set()
    assert found(day="9999-12-31") == found(day="0001-01-01") == set()
    tomorrow = said(caller.get(f"mentors/{ada.pk}/slots"))[1]["slots"][-1]["start"][:10]
    assert found(day=tomorrow, tz="UTC") == {str(ada.pk)}


def test_other_sites_may_not_call_unless_they_are_named(settings):
    headers = {"Origin": "https://app.example.com"}
    preflight = headers | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, idempotency-key",
    }
    caller = Caller()

    closed = caller("OPTIONS", "meetings/create", headers=preflight)
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    opened = caller("OPTIONS", "meetings/create", headers=preflight)
    called = caller("GET", "meetings", headers=headers)
    other = caller("GET", "meetings", headers={"Origin": "https://evil.example.com"})
    page = caller.client.get("/", headers=headers)

    names = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials")
    assert [closed.get(name) for name in names] == [None, None]
    assert [opened.get(name) for name in names] == ["https://app.example.com", None]
    assert "idempotency-key" in opened["Access-Control-Allow-Headers"]
    assert [called.get(name) for name in names] == ["https://app.example.com", None]
    assert other.get(names[0]) is None
    assert page.get(names[0]) is None
