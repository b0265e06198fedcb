"""What the site says while it cannot do its work, and that nothing is left half done."""

from meetings.models import Meeting
from tests.races.database import assert_nobody_is_booked_twice
from tests.races.test_api import Answer as ApiAnswer


def assert_unavailable(answers):
    """All of them say so, each in its own way, and when to come back."""
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
    """All of them are, and whoever was refused before is not booked by half."""
    assert [each.status for each in answers] == [
        201 if isinstance(each, ApiAnswer) else 303 for each in answers
    ]
    assert Meeting.objects.count() == len(answers)
    assert_nobody_is_booked_twice()
