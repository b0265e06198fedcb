"""The admin's page of the calendar state, with a fake Google on loopback."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.models import CalendarEvent, Meeting
from tests.e2e.google.faults import Fault
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon

pytestmark = pytest.mark.django_db

STATE, TRY, CHECK = (reverse(f"admin:calendar_{name}") for name in ("state", "try_now", "check"))
PLATFORM = "platform@gmail.example.com"


@pytest.fixture
def platform(google, settings):
    scope = " ".join(settings.GOOGLE_SCOPES)
    settings.GOOGLE_REFRESH_TOKEN = google.consent(PLATFORM, scope)
    return google


def a_meeting(**fields):
    when = soon(timezone.now(), (Meeting.objects.count() + 1) * 180)
    return MeetingFactory(**{"scheduled_at": when, **fields})


def parked(meeting, why):
    CalendarEvent.objects.filter(meeting=meeting).update(due_at=None, tries=3, error=why)
    return meeting


def connection_of(person, token="", **fields):
    made = CalendarConnection(
        user=person,
        google_id=f"sub-{person.pk}",
        google_email="m@x.example",
        connected_at=timezone.now(),
        **fields,
    )
    made.refresh_token = token
    made.save()
    return made


def test_what_is_behind_stands_there_with_why(calendar, client, staff):
    a_meeting(subject="On its way")
    parked(a_meeting(subject="Stuck"), "Google answered 403 forbidden")
    connection_of(MentorFactory(user__name="Lost Mentor").user, broken_at=timezone.now())

    text = client.get(STATE).text

    assert "2 events are behind" in text
    assert text.index("Stuck") < text.index("On its way")
    assert "parked: not before somebody acts" in text
    assert "Google answered 403 forbidden" in text
    assert "Lost Mentor, since" in text


def test_nothing_behind_is_said_as_well(client, staff):
    text = client.get(STATE).text

    assert "0 events are behind" in text
    assert "Every event is as its meeting." in text


def test_it_takes_as_many_queries_for_many_as_for_one(
    calendar, client, staff, django_assert_num_queries
):
    parked(a_meeting(), "why")
    a_meeting()
    connection_of(UserFactory(), broken_at=timezone.now())
    client.get(STATE)
    for _number in range(10):
        parked(a_meeting(), "why")
        a_meeting()
        connection_of(UserFactory(), broken_at=timezone.now())

    with django_assert_num_queries(6):
        client.get(STATE)


def test_more_than_fit_are_counted(calendar, client, staff, monkeypatch):
    monkeypatch.setattr("meetings.admin.calendar.SHOWN", 1)
    parked(a_meeting(subject="Stuck"), "why")
    a_meeting(subject="On its way")
    a_meeting(subject="On its way too")

    text = client.get(STATE).text

    assert "Stuck" in text
    assert "On its way" not in text
    assert "and 2 more" in text


def test_one_is_tried_at_once(platform, client, staff):
    meeting = parked(a_meeting(), "Google answered 403 forbidden")

    text = client.post(TRY, {"meeting": meeting.pk}, follow=True).text

    assert f"“{meeting.subject}” is up to date." in text
    assert list(platform.account(PLATFORM).events) == [meeting.calendar_uid]


def test_one_that_fails_again_says_why(platform, client, staff):
    meeting = parked(a_meeting(), "old reason")
    platform.faults.keep("events.insert", Fault("answer", 403, "forbidden"))

    text = client.post(TRY, {"meeting": meeting.pk}, follow=True).text

    assert "is still behind: Google answered 403 forbidden" in text


def test_all_are_left_to_the_worker(platform, client, staff):
    parked(a_meeting(), "why")
    a_meeting()

    text = client.post(TRY, follow=True).text

    assert "The worker tries 2 events within a minute." in text
    assert CalendarEvent.objects.behind().due(timezone.now()).count() == 2
    assert platform.calls == []


def test_the_platforms_account_is_tried_step_by_step(platform, client, staff):
    text = client.post(CHECK).text

    assert text.count(">OK<") + text.count("OK\n") == 8
    assert platform.account(PLATFORM).live() == []


def test_the_first_step_that_fails_has_its_cure(client, staff):
    text = client.post(CHECK).text

    assert "<strong>Failed</strong>" in text
    assert "docs/google.md tells how" in text


@pytest.mark.parametrize("url", [TRY, CHECK])
def test_looking_changes_nothing(platform, client, staff, url):
    a_meeting()

    assert client.get(url)["Location"] == STATE
    assert platform.calls == []


def test_only_who_may_change_meetings_tries(calendar, client):
    person = UserFactory(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    client.force_login(person)
    meeting = a_meeting()

    text = client.get(STATE).text

    assert meeting.subject in text
    assert "Try now" not in text
    assert client.post(TRY).status_code == 403
    assert client.post(CHECK).status_code == 403


def test_others_see_nothing_of_it(client):
    client.force_login(UserFactory(is_staff=True))

    assert client.get(STATE).status_code == 403

    client.force_login(UserFactory())
    assert client.get(STATE, follow=True).status_code == 403


def test_a_connection_is_shown_without_its_token(client, staff):
    connection = connection_of(UserFactory(), "refresh-canary")
    base = "admin:accounts_calendarconnection"
    pages = [reverse(f"{base}_changelist"), reverse(f"{base}_change", args=[connection.pk])]

    for page in pages:
        text = client.get(page).text
        assert "m@x.example" in text
        assert "refresh-canary" not in text
        assert connection.encrypted_token not in text


def test_deleting_a_connection_disconnects(google, client, staff):
    token = google.consent("m@x.example", "any")
    connection = connection_of(UserFactory(), token)
    base = "admin:accounts_calendarconnection"

    client.post(reverse(f"{base}_delete", args=[connection.pk]), {"post": "yes"})

    assert google.revoked == [token]
    assert not CalendarConnection.objects.exists()


def test_a_revocation_that_fails_is_told(google, client, staff):
    connection_of(UserFactory(name="Kai"), google.consent("m@x.example", "any"))
    google.faults.keep("revoke", Fault("answer"))
    delete = {
        "action": "delete_selected",
        "_selected_action": [str(CalendarConnection.objects.get().pk)],
        "post": "yes",
    }

    answer = client.post(
        reverse("admin:accounts_calendarconnection_changelist"), delete, follow=True
    )

    assert "Google did not confirm that it has ended the access of Kai." in answer.text
    assert not CalendarConnection.objects.exists()
