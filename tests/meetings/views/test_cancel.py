from datetime import timedelta

import pytest
import time_machine

from meetings.domain.policy import Status
from meetings.models import BusyCell
from tests.factories import MONDAY, MeetingFactory
from tests.meetings.views.browsing import become, stored, text_of, url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day_before():
    with time_machine.travel(MONDAY - timedelta(days=1), tick=False):
        yield


@pytest.fixture
def meeting():
    return MeetingFactory()


@pytest.fixture
def learner(client, meeting):
    client.force_login(meeting.learner)
    return meeting.learner


def test_cancel_asks_first_and_then_does(client, meeting, learner):
    asked = client.get(url("cancel", meeting))
    answer = client.post(url("cancel", meeting), {"reason": "I am ill."}, follow=True)

    meeting.refresh_from_db()
    assert "Cancel this meeting?" in text_of(asked)
    assert answer.redirect_chain == [(url("meeting", meeting), 302)]
    assert "The meeting is cancelled." in text_of(answer)
    assert "You cancelled this meeting." in text_of(answer)
    assert (meeting.status, meeting.cancelled_by, meeting.cancel_reason) == (
        Status.CANCELLED,
        learner,
        "I am ill.",
    )
    assert not BusyCell.objects.exists()


def test_cancel_again_is_harmless(client, meeting, learner):
    client.post(url("cancel", meeting), {"reason": "First"})
    before = stored(meeting)

    answer = client.post(url("cancel", meeting), {"reason": "Second"})

    assert answer.status_code == 302
    assert stored(meeting) == before
    assert "You cancelled this meeting." in text_of(client.get(url("cancel", meeting)))


@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.COMPLETED])
def test_cancel_is_refused_once_somebody_has_joined(client, meeting, learner, status):
    become(meeting, status)
    before = stored(meeting)

    answer = client.post(url("cancel", meeting), {"reason": "Too late"})

    assert answer.status_code == 409
    assert "That is not possible any more" in text_of(answer)
    assert stored(meeting) == before


def test_cancel_keeps_a_reason_that_is_too_long(client, meeting, learner):
    reason = "because " * 130

    answer = client.post(url("cancel", meeting), {"reason": reason})

    assert answer.status_code == 422
    assert reason.strip() in text_of(answer)
    assert stored(meeting)["status"] == Status.SCHEDULED
