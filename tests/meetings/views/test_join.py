from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from meetings.domain.policy import Status
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.views.answers import essence

pytestmark = pytest.mark.django_db

ROOM = 'https://video.example.com/a room?a=1&b="2"'
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _the_day_before():
    with time_machine.travel(MONDAY - timedelta(days=1), tick=False):
        yield


@pytest.fixture
def meeting():
    return MeetingFactory(
        mentor=MentorFactory(user__name="Ada Mentor").user,
        subject="Loops",
        meeting_link=ROOM,
        link_provider="open-room",
    )


def at(after):
    return time_machine.travel(MONDAY + after * MINUTE, tick=False)


def state_of(meeting):
    meeting.refresh_from_db()
    return meeting.status, meeting.revision


@pytest.mark.parametrize("role", ["learner", "mentor"])
def test_the_page_says_when_and_with_whom_and_has_one_button(client, meeting, role):
    with at(-5):
        client.force_login(getattr(meeting, role))
        response = client.get(meeting.join_path)

    page = response.content.decode()
    assert response.status_code == 200
    for text in ("Loops", "Monday 1 March 2027", "12:00", "13:00", "UTC", "in 5m"):
        assert text in page
    assert ("Ada Mentor" in page) == (role == "learner")
    assert page.count(f'action="{meeting.join_path}"') == 1
    assert ROOM not in page
    assert state_of(meeting) == (Status.SCHEDULED, 0)


@pytest.mark.parametrize(
    ("after", "fields", "text"),
    [
        (-11, {}, "Join from 11:50"),
        (-5, {"meeting_link": ""}, "The room is being made."),
        (60, {}, "This meeting is over."),
        (0, {"status": Status.COMPLETED}, "This meeting is over."),
        (0, {"status": Status.CANCELLED}, "Cancelled because"),
    ],
)
def test_a_closed_door_is_said_honestly_and_stays_closed(client, meeting, after, fields, text):
    for name, value in fields.items():
        setattr(meeting, name, value)
    meeting.save()
    before = state_of(meeting)

    with at(after):
        client.force_login(meeting.learner)
        page = client.get(meeting.join_path)
        refused = client.post(meeting.join_path)

    assert (page.status_code, refused.status_code) == (200, 409)
    for response in (page, refused):
        assert text in response.content.decode()
        assert f'action="{meeting.join_path}"' not in response.content.decode()
        assert "video.example.com/a room" not in response.content.decode()
    assert 'role="alert"' in refused.content.decode()
    assert state_of(meeting) == before


def test_joining_leads_to_the_room_and_marks_it_in_progress(client, meeting):
    with at(-10):
        client.force_login(meeting.learner)
        response = client.post(meeting.join_path)

    page = response.content.decode()
    escaped = "https://video.example.com/a room?a=1&amp;b=&quot;2&quot;"
    assert response.status_code == 200
    assert f'<meta http-equiv="refresh" content="0; url={escaped}">' in page
    assert f'href="{escaped}"' in page
    assert response["Referrer-Policy"] == "same-origin"
    assert state_of(meeting) == (Status.IN_PROGRESS, 1)


def test_joining_again_and_by_the_other_is_harmless(client, meeting):
    with at(5):
        for person in (meeting.learner, meeting.learner, meeting.mentor):
            client.force_login(person)
            assert client.post(meeting.join_path).status_code == 200

    assert state_of(meeting) == (Status.IN_PROGRESS, 1)


def test_a_stranger_gets_what_an_unknown_address_gets(client, meeting):
    for stranger in (UserFactory(), UserFactory(is_staff=True, is_superuser=True)):
        client.force_login(stranger)
        for ask in (client.get, client.post):
            theirs = ask(meeting.join_path)
            unknown = ask(reverse("meetings:join", args=["x" * 43]))

            assert theirs.status_code == 404
            assert essence(theirs) == essence(unknown)
    assert state_of(meeting) == (Status.SCHEDULED, 0)


def test_after_the_log_in_the_page_comes_back(client, meeting):
    response = client.get(meeting.join_path)

    assert (response.status_code, response["Location"]) == (
        302,
        f"/accounts/login/?next={meeting.join_path}",
    )
    assert client.post(meeting.join_path).status_code == 302
    assert state_of(meeting) == (Status.SCHEDULED, 0)


def test_a_post_needs_the_token_of_the_form(meeting):
    client = Client(enforce_csrf_checks=True)
    client.force_login(meeting.learner)

    with at(0):
        assert client.post(meeting.join_path).status_code == 403
    assert state_of(meeting) == (Status.SCHEDULED, 0)


def test_other_methods_and_odd_addresses_do_nothing(client, meeting):
    client.force_login(meeting.learner)

    with at(0):
        assert client.put(meeting.join_path).status_code == 405
        assert client.delete(meeting.join_path).status_code == 405
        assert client.head(meeting.join_path).status_code == 200
    assert client.get("/join/%00/").status_code == 404
    assert client.get("/join/a%20b/").status_code == 404
    assert state_of(meeting) == (Status.SCHEDULED, 0)


def test_the_page_works_when_the_other_has_left(client, meeting):
    meeting.mentor.is_active = False
    meeting.mentor.save()
    client.force_login(meeting.learner)

    with at(-5):
        assert client.get(meeting.join_path).status_code == 200


def test_the_page_renews_itself_when_the_door_opens(client, meeting):
    client.force_login(meeting.learner)

    with at(-30):
        soon = client.get(meeting.join_path).content.decode()
    with at(-60 * 24):
        later = client.get(meeting.join_path).content.decode()

    assert 'hx-trigger="load delay:1201s, room-ready from:body"' in soon
    assert 'hx-trigger="room-ready from:body"' in later
