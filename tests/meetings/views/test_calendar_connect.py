"""Connecting one's own Google Calendar, against a loopback Google over real sockets."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.models import BusyTime, Meeting
from meetings.models.connecting import disconnect
from meetings.views.calendar import SESSION_KEY
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon
from tests.google.faults import Fault

pytestmark = pytest.mark.django_db

CONNECT, CALLBACK, DISCONNECT = (
    reverse(f"meetings:calendar_{name}") for name in ("connect", "callback", "disconnect")
)
SETTINGS = reverse("accounts:settings")
NEVER = "Nothing was connected"


@pytest.fixture
def mentor():
    return MentorFactory().user


@pytest.fixture
def visitor(client, mentor):
    client.force_login(mentor)
    return client


def consent(response):
    """The person agrees at Google; what the browser is sent back with."""
    answer = requests.get(response["Location"], allow_redirects=False, timeout=5)
    return urlsplit(answer.headers["Location"])


def go_through(client):
    """All of it, to the page that the person ends on."""
    back = consent(client.post(CONNECT))
    return client.get(f"{back.path}?{back.query}", follow=True)


def held():
    return list(CalendarConnection.objects.values_list("google_id", flat=True))


def busy_at(start, hours=1):
    end = start + timedelta(hours=hours)
    return {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}


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
    assert list(BusyTime.objects.values_list("person", "starts_at")) == [(mentor.pk, start)]
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
    """PKCE: the code of one question cannot be redeemed with the verifier of another."""
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
    assert not BusyTime.objects.exists()


def test_connecting_again_brings_up_what_has_waited(google, visitor, mentor):
    go_through(visitor)
    token = CalendarConnection.objects.get().refresh_token
    meeting = MeetingFactory(mentor=mentor, scheduled_at=soon(timezone.now(), 24 * 60))
    google.end_consent(token)
    assert not meeting.match_calendar()
    meeting.refresh_from_db()
    assert meeting.calendar_due_at is None
    assert "Your Google Calendar has not been connected since" in visitor.get("/dashboard/").text

    go_through(visitor)

    meeting.refresh_from_db()
    assert meeting in Meeting.objects.due_for_calendar(timezone.now())
    assert "has not been connected since" not in visitor.get("/dashboard/").text
    assert meeting.match_calendar()
    assert meeting.meeting_link.startswith("https://meet.google.com/")


def test_disconnecting_asks_then_gives_back_and_forgets(google, visitor, mentor):
    google.account(google.consenting).busy.append(busy_at(soon(timezone.now())))
    go_through(visitor)
    token = CalendarConnection.objects.get().refresh_token
    meeting = MeetingFactory(mentor=mentor, scheduled_at=soon(timezone.now(), 24 * 60))
    assert meeting.match_calendar()

    asked = visitor.get(DISCONNECT)
    response = visitor.post(DISCONNECT, follow=True)

    assert "1 upcoming meeting is in that calendar" in asked.text
    assert "is no longer connected." in response.text
    assert google.revoked == [token]
    assert held() == []
    assert not BusyTime.objects.exists()
    meeting.refresh_from_db()
    assert meeting.calendar_home == f"google:sub-{google.consenting}"


@pytest.mark.parametrize("fault", [Fault("answer"), Fault("reset_before")])
def test_disconnecting_forgets_even_if_google_does_not_answer(google, visitor, fault):
    go_through(visitor)
    google.faults.keep("revoke", fault)

    response = visitor.post(DISCONNECT, follow=True)

    assert "Google did not confirm that it has ended our access" in response.text
    assert held() == []


def test_disconnecting_what_has_ended_at_google_is_fine(google, visitor, mentor):
    go_through(visitor)
    google.end_consent(CalendarConnection.objects.get().refresh_token)

    assert disconnect(mentor)
    assert disconnect(mentor)


def test_disconnect_leads_to_settings_without_a_connection(visitor):
    assert visitor.get(DISCONNECT)["Location"] == SETTINGS


def test_a_token_that_no_key_opens_is_forgotten_all_the_same(google, visitor, mentor, settings):
    go_through(visitor)
    settings.ENCRYPTION_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]

    assert not disconnect(mentor)
    assert held() == []


def test_a_site_without_google_says_so(visitor):
    assert "this site is not set up for it" in visitor.get(SETTINGS).text
    assert "Connect Google Calendar" not in visitor.get(SETTINGS).text
    assert "not set up on this site" in visitor.post(CONNECT, follow=True).text


def test_settings_offer_to_connect(google, visitor):
    assert "Connect Google Calendar" in visitor.get(SETTINGS).text
    assert "Who books you meets you on Google Meet." not in visitor.get(SETTINGS).text

    assert "Who books you meets you on Google Meet." in go_through(visitor).text


def test_connect_raises_nothing_for_the_same_person_twice(google, visitor, mentor):
    go_through(visitor)
    connected_at = CalendarConnection.objects.get().connected_at

    go_through(visitor)

    assert CalendarConnection.objects.get().connected_at > connected_at
    assert google.revoked == []


def test_pages_say_when_a_calendar_was_last_asked(google, visitor, mentor):
    go_through(visitor)
    learner = Client()
    learner.force_login(UserFactory(timezone="UTC"))
    pages = [reverse(f"meetings:{name}", args=[mentor.pk]) for name in ("mentor", "book")]
    assert all("Not checked against" not in learner.get(each).text for each in pages)
    read_at = timezone.now() - timedelta(hours=2)
    CalendarConnection.objects.update(busy_read_at=read_at)

    old = [learner.get(each).text for each in pages]
    CalendarConnection.objects.update(busy_read_at=None)
    never = [learner.get(each).text for each in pages]

    name = mentor.short_name
    assert all(f"Not checked against {name}’s Google Calendar since" in text for text in old)
    assert all(f"{read_at:%H:%M}." in text for text in old)
    assert all(f"Not checked against {name}’s Google Calendar yet." in text for text in never)


def test_a_broken_connection_is_said_at_once_though_it_was_read_just_now(google, visitor, mentor):
    go_through(visitor)
    CalendarConnection.objects.update(broken_at=timezone.now())

    text = visitor.get(reverse("meetings:mentor", args=[mentor.pk])).text

    assert "Not checked against your own Google Calendar since" in text
