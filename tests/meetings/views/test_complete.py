from datetime import timedelta

import pytest
import time_machine

from meetings.domain.policy import Status
from tests.factories import MONDAY, MeetingFactory
from tests.meetings.views.browsing import become, stored, text_of, url

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


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


def at(moment):
    return time_machine.travel(moment, tick=False)


def test_the_mentor_completes(client, meeting):
    client.force_login(meeting.mentor)

    with at(MONDAY + HOUR):
        asked = client.get(url("complete", meeting))
        answer = client.post(url("complete", meeting), {"rating": "1", "feedback": "Mine"})

    meeting.refresh_from_db()
    assert "Your rating" not in text_of(asked)
    assert answer["Location"] == url("meeting", meeting)
    assert (meeting.status, meeting.rating, meeting.feedback) == (Status.COMPLETED, None, "")


def test_the_learner_completes_and_rates_in_one(client, meeting, learner):
    with at(MONDAY + HOUR):
        asked = client.get(url("complete", meeting))
        client.post(url("complete", meeting), {"rating": "4", "feedback": "Clear."})

    meeting.refresh_from_db()
    assert "Your rating" in text_of(asked)
    assert (meeting.status, meeting.rating, meeting.feedback) == (Status.COMPLETED, 4, "Clear.")
    profile = meeting.mentor.mentor_profile
    profile.refresh_from_db()
    assert (profile.rating_sum, profile.rating_count) == (4, 1)


def test_complete_again_is_harmless(client, meeting, learner):
    with at(MONDAY + HOUR):
        client.post(url("complete", meeting))
        before = stored(meeting)
        again = client.post(url("complete", meeting))

    assert again.status_code == 302
    assert stored(meeting) == before


@pytest.mark.parametrize(
    ("status", "moment", "text"),
    [
        (Status.SCHEDULED, MONDAY - HOUR, "This meeting has not started yet."),
        (Status.CANCELLED, MONDAY + HOUR, "That is not possible any more"),
    ],
)
def test_complete_is_refused(client, meeting, learner, status, moment, text):
    become(meeting, status)
    before = stored(meeting)

    with at(moment):
        page = client.get(url("complete", meeting))
        answer = client.post(url("complete", meeting), {"rating": "4"})

    assert (page.status_code, answer.status_code) == (200, 409)
    assert "<form class" not in text_of(page).split("</main>")[0]
    assert text in text_of(answer)
    assert stored(meeting) == before


@pytest.mark.parametrize(
    "data",
    [
        {"rating": "6", "feedback": "Kept as it was"},
        {"rating": "", "feedback": "Kept as it was"},
        {"rating": "3", "feedback": "Kept as it was \x07"},
    ],
)
def test_a_rating_that_is_not_fit_is_kept_and_changes_nothing(client, meeting, learner, data):
    with at(MONDAY + HOUR):
        before = stored(meeting)
        first = client.post(url("complete", meeting), data)
        assert stored(meeting) == before
        become(meeting, Status.COMPLETED)
        before = stored(meeting)
        second = client.post(url("rate", meeting), data)

    assert (first.status_code, second.status_code) == (422, 422)
    for answer in (first, second):
        assert "Kept as it was" in text_of(answer)
        assert ("checked" in text_of(answer)) == (data["rating"] == "3")
    assert stored(meeting) == before


def test_the_learner_rates_once(client, meeting, learner):
    become(meeting, Status.COMPLETED)
    mine = {"rating": "4", "feedback": "Clear."}

    first = client.post(url("rate", meeting), mine)
    before = stored(meeting)
    same = client.post(url("rate", meeting), mine)
    other = client.post(url("rate", meeting), {"rating": "1", "feedback": "No."})
    together = client.post(url("complete", meeting), {"rating": "1"})

    assert (first.status_code, same.status_code) == (302, 302)
    for refused in (other, together):
        assert refused.status_code == 409
        assert "You have already rated this meeting." in text_of(refused)
    assert stored(meeting) == before
    profile = meeting.mentor.mentor_profile
    profile.refresh_from_db()
    assert (profile.rating_sum, profile.rating_count) == (4, 1)
    assert "You have rated this meeting." in text_of(client.get(url("rate", meeting)))


def test_the_mentor_does_not_rate(client, meeting):
    become(meeting, Status.COMPLETED)
    client.force_login(meeting.mentor)

    page = client.get(url("rate", meeting))
    answer = client.post(url("rate", meeting), {"rating": "5"})

    assert (page.status_code, answer.status_code) == (200, 403)
    assert "Rating it is up to the learner." in text_of(page)
    assert stored(meeting)["rating"] is None


def test_what_is_not_completed_is_completed_before_it_is_rated(client, meeting, learner):
    with at(MONDAY + HOUR):
        page = client.get(url("rate", meeting))
        answer = client.post(url("rate", meeting), {"rating": "5", "feedback": "Kept"})

    assert page["Location"] == url("complete", meeting)
    assert answer.status_code == 409
    assert "Kept" in text_of(answer)
    assert stored(meeting)["status"] == Status.SCHEDULED
