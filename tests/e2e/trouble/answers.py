"""Checks of responses during an outage, and of complete bookings after it."""

from meetings.models import Meeting
from tests.e2e.races.database import assert_nobody_is_booked_twice
from tests.e2e.races.test_api import Answer as ApiAnswer


def assert_unavailable(answers):
    """Assert that all responses are 503, as a page or JSON, with Retry-After."""
    assert [(each.status, each.retry_after) for each in answers] == [(503, "30")] * len(answers)
    for each in answers:
        if isinstance(each, ApiAnswer):
            assert each.body == {
                "success": False,
                "code": "unavailable",
                "message": "The site cannot do this at the moment. "
                "Please try again in half a minute.",
            }
        else:
            assert "We will be right back" in each.text


def assert_booked(answers):
    """Assert that all of them are complete bookings, and that refused ones left nothing behind."""
    assert [each.status for each in answers] == [
        201 if isinstance(each, ApiAnswer) else 303 for each in answers
    ]
    assert Meeting.objects.count() == len(answers)
    assert_nobody_is_booked_twice()
