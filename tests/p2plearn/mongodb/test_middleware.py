from typing import Any, cast

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.models import User
from p2plearn.mongodb.errors import TransactionConflict
from p2plearn.mongodb.middleware import TIMES, RepeatMiddleware
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


class View:
    """Raises a write conflict that many times, then responds."""

    def __init__(self, losses, before_it_loses=lambda: None, error=TransactionConflict):
        self.calls, self._losses, self._error = 0, losses, error
        self._before_it_loses = before_it_loses

    def __call__(self, request):
        self.calls += 1
        if self.calls <= self._losses:
            self._before_it_loses()
            with cast(Any, connection).counting_conflicts():
                raise self._error
        return HttpResponse("done")


def status_of(view, *, has_handler=False):
    """The status of a request; has_handler: an inner layer turns all errors into responses."""

    def respond(request):
        try:
            return view(request)
        except (TransactionConflict, ValueError) as error:
            handled = None if has_handler else middleware.process_exception(request, error)
            return handled or HttpResponse(status=500)

    middleware = RepeatMiddleware(respond)
    return middleware(RequestFactory().get("/")).status_code


@pytest.mark.parametrize("has_handler", [True, False], ids=["api", "page"])
def test_a_view_that_has_lost_is_called_again(has_handler):
    view = View(losses=2)

    assert (status_of(view, has_handler=has_handler), view.calls) == (200, 3)


def test_one_that_always_loses_is_given_up():
    view = View(losses=100)

    assert (status_of(view), view.calls) == (500, TIMES)


@pytest.mark.parametrize("has_handler", [True, False], ids=["api", "page"])
def test_one_that_has_stored_something_is_not_called_again(has_handler):
    view = View(losses=1, before_it_loses=UserFactory)

    assert (status_of(view, has_handler=has_handler), view.calls) == (500, 1)
    assert User.objects.count() == 1


def test_what_is_no_conflict_is_left_alone():
    view = View(losses=1, error=ValueError)

    assert (status_of(view), view.calls) == (500, 1)
