"""Connecting one's own Google Calendar, with a fake Google over real sockets."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.models import CalendarEvent, ExternalBusy
from meetings.views.calendar import SESSION_KEY
from tests.e2e.google.consenting import busy_at, consent, go_through
from tests.e2e.google.faults import Fault
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon
from tests.meetings.matching import match_calendar

pytestmark = pytest.mark.django_db

CONNECT, CALLBACK = (reverse(f"meetings:calendar_{name}") for name in ("connect", "callback"))
NEVER = "Nothing was connected"


@pytest.fixture
def mentor():
    return MentorFactory().user


@pytest.fixture
def visitor(client, mentor):
    client.force_login(mentor)
    return client


def held():
    return list(CalendarConnection.objects.values_list("google_id", flat=True))


def test_connect_asks_for_the_least_with_state_and_pkce(google, visitor, settings):
    response = visitor.post(CONNECT)

    url = urlsplit(response["Location"])
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}{url.path}" == settings.GOOGLE_AUTH_URI
    assert asked["scope"].split() == [*settings.GOOGLE_SCOPES, "openid", "email"]
    assert asked["redirect_uri"] == settings.GOOGLE_REDIRECT_URI
    assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")
    assert (asked["include_granted_scopes"], asked["response_type"]) == ("false", "code")
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 43


def test_a_connected_calendar_is_stored_encrypted_and_read(google, visitor, mentor):
    now = timezone.now()
    start = soon(now)
    google.account(google.consenting).busy.append(busy_at(start))

    response = go_through(visitor)

    connection = CalendarConnection.objects.get()
    assert "Your Google Calendar is connected." in response.text
    assert connection.user == mentor
    assert (connection.google_id, connection.google_email) == (
        f"sub-{google.consenting}",
        google.consenting,
    )
    assert connection.refresh_token in google.refresh_tokens
    assert connection.refresh_token not in connection.encrypted_token
    assert list(ExternalBusy.objects.values_list("person", "starts_at")) == [(mentor.pk, start)]
    assert google.consenting in response.text
    assert "Busy times read" in response.text


def test_without_an_answer_on_busy_times_it_is_connected_and_says_so(google, visitor):
    google.faults.keep("freebusy.query", Fault("answer"))

    response = go_through(visitor)

    assert "is connected. When you are busy there is still to be read." in response.text
    assert CalendarConnection.objects.get().busy_read_at is None


def test_an_answer_without_state_connects_nothing(google, visitor):
    code = parse_qs(consent(visitor.post(CONNECT)).query)["code"][0]

    response = visitor.get(CALLBACK, {"code": code}, follow=True)

    assert NEVER in response.text
    assert held() == []


def test_an_answer_that_nobody_asked_for_connects_nothing(google, visitor):
    response = visitor.get(CALLBACK, {"code": "any", "state": ""}, follow=True)

    assert NEVER in response.text
    assert google.calls == []


def test_the_state_of_another_session_connects_nothing(google, visitor, mentor):
    other = Client()
    other.force_login(mentor)
    other.post(CONNECT)
    back = consent(visitor.post(CONNECT))

    response = other.get(f"{back.path}?{back.query}", follow=True)

    assert NEVER in response.text
    assert held() == []
    assert google.calls == []


def test_begun_by_one_person_and_finished_by_another_connects_nothing(google, visitor):
    back = consent(visitor.post(CONNECT))
    begun = visitor.session[SESSION_KEY]
    visitor.force_login(UserFactory())
    session = visitor.session
    session[SESSION_KEY] = begun
    session.save()

    response = visitor.get(f"{back.path}?{back.query}", follow=True)

    assert NEVER in response.text
    assert held() == []


def test_an_answer_that_comes_late_connects_nothing(google, visitor, time_machine):
    back = consent(visitor.post(CONNECT))
    time_machine.move_to(timezone.now() + timedelta(minutes=11))

    response = visitor.get(f"{back.path}?{back.query}", follow=True)

    assert NEVER in response.text
    assert held() == []


def test_an_answer_is_taken_once(google, visitor):
    back = consent(visitor.post(CONNECT))
    visitor.get(f"{back.path}?{back.query}")
    before = list(google.calls)

    response = visitor.get(f"{back.path}?{back.query}", follow=True)

    assert NEVER in response.text
    assert google.calls == before


def test_a_replayed_code_under_a_new_state_is_refused_by_google(google, visitor):
    first = parse_qs(consent(visitor.post(CONNECT)).query)["code"][0]
    session = visitor.session
    begun = session[SESSION_KEY]
    visitor.get(CALLBACK, {"code": first, "state": begun["state"]})
    CalendarConnection.objects.all().delete()
    again = parse_qs(consent(visitor.post(CONNECT)).query)["state"][0]

    response = visitor.get(CALLBACK, {"code": first, "state": again}, follow=True)

    assert "Google did not confirm it" in response.text
    assert held() == []


def test_a_code_of_another_session_is_worthless_here(google, visitor):
    """PKCE: the code of one authorisation cannot be redeemed with the verifier of another."""
    stolen = parse_qs(consent(visitor.post(CONNECT)).query)["code"][0]
    state = parse_qs(consent(visitor.post(CONNECT)).query)["state"][0]

    response = visitor.get(CALLBACK, {"code": stolen, "state": state}, follow=True)

    assert "Google did not confirm it" in response.text
    assert held() == []


def test_who_says_no_is_told_that_nothing_happened(google, visitor):
    google.denies = True

    response = go_through(visitor)

    assert "You did not allow it at Google, so nothing was connected." in response.text
    assert held() == []


@pytest.mark.parametrize(
    ("unticked", "box"),
    [(0, "create, change, and delete events"), (1, "View your availability")],
)
def test_a_box_left_unticked_is_named_and_the_rest_given_back(
    google, visitor, settings, unticked, box
):
    scopes = [*settings.GOOGLE_SCOPES, "openid"]
    del scopes[unticked]
    google.granted_scope = " ".join(scopes)

    response = go_through(visitor)

    assert "left unticked at Google" in response.text
    assert box in response.text
    assert held() == []
    assert len(google.revoked) == 1


def test_a_box_unticked_later_leaves_the_connection_that_stands(google, visitor, settings):
    go_through(visitor)
    google.granted_scope = settings.GOOGLE_SCOPES[1]

    response = go_through(visitor)

    assert "left unticked at Google" in response.text
    assert held() == [f"sub-{google.consenting}"]
    assert google.revoked == []


def test_without_a_refresh_token_it_says_how_to_get_one(google, visitor):
    google.gives_refresh_token = False

    response = go_through(visitor)

    assert "Remove this site from the third-party connections" in response.text
    assert held() == []


def test_a_google_account_belongs_to_one_person(google, visitor, mentor):
    other = Client()
    other.force_login(UserFactory())
    go_through(visitor)

    response = go_through(other)

    assert "somebody else has connected this Google account" in response.text
    assert CalendarConnection.objects.get().user == mentor
    assert google.revoked == []


def test_google_out_of_reach_is_no_error_page(google, visitor):
    back = consent(visitor.post(CONNECT))
    google.faults.add("token", Fault("reset_before"))

    response = visitor.get(f"{back.path}?{back.query}", follow=True)

    assert response.status_code == 200
    assert "Google did not confirm it" in response.text


def test_another_account_takes_the_place_of_the_old_one(google, visitor):
    go_through(visitor)
    old = CalendarConnection.objects.get().refresh_token
    google.account(google.consenting).busy.append(busy_at(soon(timezone.now())))
    google.consenting = "other@gmail.example.com"

    go_through(visitor)

    assert held() == ["sub-other@gmail.example.com"]
    assert google.revoked == [old]
    assert not ExternalBusy.objects.exists()


def test_connecting_again_brings_up_what_has_waited(google, visitor, mentor):
    go_through(visitor)
    token = CalendarConnection.objects.get().refresh_token
    meeting = MeetingFactory(mentor=mentor, scheduled_at=soon(timezone.now(), 24 * 60))
    google.end_consent(token)
    assert not match_calendar(meeting)
    meeting.refresh_from_db()
    assert meeting.calendar_event.due_at is None
    assert "Your Google Calendar has not been connected since" in visitor.get("/dashboard/").text

    go_through(visitor)

    meeting.refresh_from_db()
    assert CalendarEvent.objects.behind().due(timezone.now()).get().meeting == meeting
    assert "has not been connected since" not in visitor.get("/dashboard/").text
    assert match_calendar(meeting)
    assert meeting.meeting_link.startswith("https://meet.google.com/")


def test_the_same_account_again_renews_the_connection(google, visitor, mentor):
    go_through(visitor)
    connected_at = CalendarConnection.objects.get().connected_at

    go_through(visitor)

    assert CalendarConnection.objects.get().connected_at > connected_at
    assert google.revoked == []
