"""Malformed and malicious bodies. None leads to a 500."""

import pytest

from meetings.models import Meeting
from tests.factories import MeetingFactory, UserFactory
from tests.meetings.api.caller import Caller, said

pytestmark = pytest.mark.django_db

BODIES = {
    "broken": b'{"subject": "a"',
    "not JSON at all": b"subject=a",
    "followed by something": b'{"subject": "a"} b',
    "with a comment": b'{"subject": "a"} // b',
    "with a trailing comma": b'{"subject": "a",}',
    "in single quotes": b"{'subject': 'a'}",
    "deep in lists": b"[" * 50_000,
    "deep in objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep, but closed": b"[" * 30_000 + b"]" * 30_000,
    "in Latin-1": '{"subject": "é"}'.encode("latin-1"),
    "in UTF-16": '{"subject": "a"}'.encode("utf-16"),
    "with a byte order mark": b'\xef\xbb\xbf{"subject": "a"}',
    "with an overlong encoding": b'{"subject": "\xc0\xaf"}',
    "with NaN": b'{"subject": NaN}',
    "with Infinity": b'{"subject": Infinity}',
    "with -Infinity": b'{"subject": -Infinity}',
    "with a number too large": b'{"subject": 1e999}',
    "with a number of 5,000 digits": b'{"subject": ' + b"9" * 5_000 + b"}",
    "with half a surrogate pair": b'{"subject": "\\ud800"}',
    "with the other half": b'{"subject": "\\udfff a"}',
    "with a half in a name": b'{"\\ud800": "a"}',
    "with a name twice": b'{"subject": "a", "subject": "b"}',
    "with a name twice further in": b'{"subject": {"a": 1, "a": 2}}',
    "with a raw line break in a text": b'{"subject": "a\nb"}',
    "with NUL": b'{"subject": "a"}\x00',
    "a single space": b" ",
}
PATHS = [
    ("POST", "auth/token"),
    ("POST", "auth/refresh"),
    ("POST", "meetings/create"),
    ("PUT", "meetings/{id}"),
    ("PATCH", "meetings/{id}"),
    ("DELETE", "meetings/{id}"),
    ("POST", "meetings/{id}/complete"),
]


@pytest.fixture
def meeting():
    return MeetingFactory(subject="Loops")


@pytest.mark.parametrize("method_and_path", PATHS, ids=" ".join)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is(body, method_and_path, meeting):
    method, path = method_and_path

    response = Caller(meeting.learner)(method, path.format(id=meeting.pk), raw=body)

    status, answer = said(response)
    assert (status, answer["success"], answer["code"]) == (400, False, "malformed")
    assert Meeting.objects.values_list("subject", "status").get() == ("Loops", "scheduled")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"a"', b"7", b"true", b"{}"])
def test_a_body_that_is_json_but_nothing_to_book_with(body):
    status, answer = said(Caller(UserFactory()).post("meetings/create", raw=body))

    assert (status, answer["code"]) == (400, "invalid")


def test_numbers_with_4000_digits_are_no_duration(meeting):
    body = b'{"duration": ' + b"9" * 4_000 + b"}"

    response = Caller(meeting.learner).post("meetings/create", raw=body)

    assert response.status_code == 400


@pytest.mark.parametrize("method_and_path", [*PATHS, ("GET", "meetings")], ids=" ".join)
def test_a_body_over_64_kb_is_refused(method_and_path, meeting):
    method, path = method_and_path

    response = Caller(meeting.learner)(
        method, path.format(id=meeting.pk), raw=b'{"subject": "' + b"a" * 65_536 + b'"}'
    )

    assert (response.status_code, said(response)[1]["code"]) == (413, "too_large")


def test_a_body_of_64_kb_is_read(meeting):
    body = b'{"subject": "New"' + b" " * (65_536 - 18) + b"}"

    response = Caller(meeting.learner)("PUT", f"meetings/{meeting.pk}", raw=body)

    assert len(body) == 65_536
    assert response.status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_only_json_is_taken(content_type, meeting):
    caller = Caller(meeting.learner)

    response = caller.client.generic(
        "POST",
        "/api/meetings/create",
        b'{"subject": "a"}',
        content_type=content_type,
        headers={"Authorization": f"Bearer {caller.token}"},
    )

    assert (response.status_code, said(response)[1]["code"]) == (415, "unsupported_media_type")


def test_json_may_name_its_encoding(meeting):
    caller = Caller(meeting.learner)

    response = caller.client.put(
        f"/api/meetings/{meeting.pk}",
        '{"subject": "Schleifen für Anfänger"}',
        content_type="application/json; charset=utf-8",
        headers={"Authorization": f"Bearer {caller.token}"},
    )

    assert said(response)[1]["meeting"]["subject"] == "Schleifen für Anfänger"


def test_nul_in_an_address_is_only_a_wrong_address():
    response = Caller().post("auth/token", {"email": "a\0@example.com", "password": "a\0b"})

    assert (response.status_code, list(said(response)[1]["errors"])) == (400, ["email"])
