import json
import logging
from io import StringIO
from typing import NamedTuple

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject

from p2plearn.monitoring.logs import JsonLines
from p2plearn.monitoring.request_log import RequestLogMiddleware
from tests.factories import MeetingFactory, UserFactory
from tests.meetings.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def access(caplog):
    """The logged lines of the requests so far."""
    caplog.set_level(logging.INFO, logger="p2plearn.monitoring.request_log")

    def lines():
        records = [
            each for each in caplog.records if each.name == "p2plearn.monitoring.request_log"
        ]
        return [json.loads(JsonLines().format(each)) for each in records]

    return lines


def test_each_request_is_one_line(access, client):
    person = UserFactory()
    client.force_login(person)

    client.get("/dashboard/?q=secret")
    client.post("/meetings/")

    first, second = access()
    assert first.pop("ms") > 0
    del first["time"], first["request"]
    assert first == {
        "level": "INFO",
        "logger": "p2plearn.monitoring.request_log",
        "message": "GET /dashboard/ 200",
        "method": "GET",
        "path": "/dashboard/",
        "status": 200,
        "user": str(person.pk),
    }
    assert (second["method"], second["status"]) == ("POST", 404)


def test_a_person_whom_nothing_asked_for_is_not_looked_up(access, rf):
    def look_up():
        raise AssertionError("a query for the log alone")

    request = rf.get("/")
    request.user = SimpleLazyObject(look_up)

    RequestLogMiddleware(lambda _request: HttpResponse())(request)

    assert [line["user"] for line in access()] == [None]


def test_a_call_names_whose_token_it_brings(access):
    person = UserFactory()

    Caller(person).get("meetings")

    assert [(line["path"], line["user"]) for line in access()] == [
        ("/api/meetings", str(person.pk))
    ]


def test_a_token_in_a_path_is_not_told(access, client):
    meeting = MeetingFactory()

    client.get(f"/join/{meeting.join_token}/")

    assert [line["path"] for line in access()] == ["/join/…/"]


def test_who_watches_does_not_fill_the_log(access, client):
    client.get("/healthz")

    assert access() == []


def test_every_answer_has_an_id_of_its_own(client):
    ids = {client.get(path)["X-Request-ID"] for path in ("/", "/nothing", "/healthz", "/api/x")}

    assert len(ids) == 4


@pytest.mark.parametrize(
    ("proxies", "told", "is_kept"),
    [
        (1, "7f3a-from.nginx_1", True),
        (0, "7f3a-from.nginx_1", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, 'with "quotes" in it', False),
    ],
)
def test_only_a_proxy_of_ours_names_a_request(proxies, told, is_kept, settings, client):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    answered = client.get("/healthz", headers={"X-Request-ID": told})["X-Request-ID"]

    assert (answered == told) is is_kept


def test_other_lines_of_a_request_have_its_id(client):
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        response = client.get("/nothing")
    finally:
        logger.removeHandler(handler)

    assert json.loads(stream.getvalue())["request"] == response["X-Request-ID"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/nothing"])
def test_head_tells_the_length_of_what_it_leaves_out(path, rf):
    """Calls the WSGI application, since Django's test client itself drops the body of HEAD."""
    get, full = served(rf.get(path))
    head, nothing = served(rf.head(path))

    assert (head.status, nothing) == (get.status, b"")
    assert head.length == get.length == len(full) > 0


class Head(NamedTuple):
    status: str
    length: int


def served(request):
    """`(headers, body)` of the response."""
    heads = []

    def start(status, headers, *_error):
        heads.append(Head(status, int(dict(headers)["Content-Length"])))
        return heads.append

    body = b"".join(WSGIHandler()(request.environ, start))
    return heads[0], body
