import errno

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def ask(path, error):
    """The response to a logged-in person when every query raises error; the first query is
    in a middleware."""
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory())

    def fail(*_query):
        raise error

    with connection.execute_wrapper(fail):
        return client.get(path)


@pytest.mark.parametrize(
    "error", [OperationalError("gone"), OSError(errno.ENOSPC, "No space left on device")], ids=repr
)
def test_trouble_around_the_site_is_a_page_that_says_when_to_come_back(error):
    response = ask("/dashboard/", error)

    assert response.status_code == 503
    assert (response["Retry-After"], response["Cache-Control"]) == ("30", "no-store")
    assert "We will be right back" in response.content.decode()
    assert str(error) not in response.content.decode()


def test_a_bug_is_not_called_trouble():
    response = ask("/dashboard/", ValueError("a bug"))

    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "Retry-After" not in response


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(OperationalError("gone"), 503, "unavailable"), (ValueError("bug"), 500, "server_error")],
    ids=repr,
)
def test_a_call_gets_json_whatever_fails_before_it_is_run(error, status, code):
    response = ask("/api/meetings", error)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["success"] is False
