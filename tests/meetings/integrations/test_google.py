"""The Google backend with the real client library over real sockets, and a fake Google."""

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest

from meetings.domain.grid import Interval
from meetings.integrations.calendar import CalendarError, RoomProvider
from meetings.integrations.google.account import GoogleAccount
from meetings.integrations.google.backend import GoogleCalendar
from meetings.integrations.google.client import KEPT, client_for
from tests.e2e.google.events import MENTOR, SOON, START, an_event
from tests.e2e.google.faults import Fault
from tests.e2e.google.server import LoopbackGoogle


@pytest.fixture
def loopback(settings):
    with LoopbackGoogle() as running:
        for name, value in running.settings().items():
            setattr(settings, name, value)
        yield running.google
        assert running.google.complaints == []


@pytest.fixture
def backend(loopback, settings):
    token = loopback.consent(MENTOR, " ".join(settings.GOOGLE_SCOPES))
    return GoogleCalendar(GoogleAccount(f"test-{token}", token))


def mails(loopback):
    return [mail.kind for mail in loopback.account(MENTOR).mails]


def test_put_makes_one_event_with_a_meet_room_and_invites_both(loopback, backend):
    event = an_event()

    link = backend.put(event, timeout=SOON)

    stored = loopback.account(MENTOR).events[event.uid]
    assert link.url == stored["hangoutLink"]
    assert (link.provider, link.event_id, link.ask_again) == (
        RoomProvider.GOOGLE_MEET,
        event.uid,
        None,
    )
    assert stored["extendedProperties"] == {
        "private": {"p2plearnMeeting": event.uid, "p2plearn": "1", "p2plearnSequence": "0"}
    }
    assert [each["email"] for each in stored["attendees"]] == [MENTOR, "learner@example.com"]
    assert stored["reminders"]["overrides"] == [
        {"method": "email", "minutes": 1440},
        {"method": "popup", "minutes": 30},
    ]
    assert mails(loopback) == ["invitation"]


def test_put_again_changes_nothing_and_tells_nobody(loopback, backend):
    event = an_event()
    first = backend.put(event, timeout=SOON)

    again = backend.put(event, timeout=SOON)
    known = backend.put(an_event(uid=event.uid, is_new=False), timeout=SOON)

    assert first == again == known
    assert mails(loopback) == ["invitation"]


def test_put_moves_the_event_and_keeps_its_room(loopback, backend):
    event = an_event()
    first = backend.put(event, timeout=SOON)

    later = START + timedelta(days=1)
    moved = backend.put(
        an_event(uid=event.uid, is_new=False, start=later, end=later + timedelta(hours=1)),
        timeout=SOON,
    )

    assert moved.url == first.url
    stored = loopback.account(MENTOR).events[event.uid]
    assert stored["start"]["dateTime"] == "2027-03-02T12:00:00Z"
    assert mails(loopback) == ["invitation", "update"]


@pytest.mark.parametrize("kind", ["drop_after", "reset_after", "truncate"])
def test_an_answer_that_is_lost_makes_no_second_event(loopback, backend, kind):
    event = an_event()
    loopback.faults.add("events.insert", Fault(kind))

    with suppress(CalendarError):
        backend.put(event, timeout=SOON)
    link = backend.put(event, timeout=SOON)

    assert list(loopback.account(MENTOR).events) == [event.uid]
    assert link.url.startswith("https://meet.google.com/")
    assert mails(loopback) == ["invitation"]


def test_the_library_sends_again_by_itself_and_nobody_notices(loopback, backend):
    """httplib2 repeats a POST whose connection is closed without an answer."""
    event = an_event()
    backend.put(an_event(), timeout=SOON)  # so that a connection is open already
    loopback.calls.clear()
    loopback.faults.add("events.insert", Fault("drop_after"))

    link = backend.put(event, timeout=SOON)

    assert loopback.calls[:2] == ["events.insert 200", "events.insert 409"]
    assert link.url == loopback.account(MENTOR).events[event.uid]["hangoutLink"]


def test_a_room_that_is_pending_is_asked_for_again_and_never_made_up(loopback, backend):
    event = an_event()
    loopback.faults.add("events.insert", Fault("conference", conference="pending"))

    waiting = backend.put(event, timeout=SOON)
    loopback.account(MENTOR).settle_conferences()
    there = backend.put(an_event(uid=event.uid, is_new=False), timeout=SOON)

    assert (waiting.url, waiting.ask_again) == ("", timedelta(seconds=5))
    assert there.url == loopback.account(MENTOR).events[event.uid]["hangoutLink"]


def test_a_room_that_failed_is_asked_for_under_a_new_request(loopback, backend):
    event = an_event()
    loopback.faults.add("events.insert", Fault("conference", conference="failure"))

    link = backend.put(event, timeout=SOON)

    stored = loopback.account(MENTOR).events[event.uid]
    assert link.url == stored["hangoutLink"]
    assert stored["conferenceData"]["createRequest"]["requestId"] == f"{event.uid}-2"


def test_delete_is_done_once_and_again_is_fine(loopback, backend):
    event = an_event()
    backend.put(event, timeout=SOON)

    backend.delete(event.uid, timeout=SOON)
    backend.delete(event.uid, timeout=SOON)
    backend.delete(uuid4().hex, timeout=SOON)

    assert loopback.account(MENTOR).live() == []
    assert mails(loopback) == ["invitation", "cancellation"]


@pytest.mark.parametrize(
    ("status", "reason", "headers", "expected"),
    [
        (503, "backendError", (), (False, False, None)),
        (429, "rateLimitExceeded", (("Retry-After", "7"),), (False, False, timedelta(seconds=7))),
        (403, "userRateLimitExceeded", (), (False, False, None)),
        (403, "quotaExceeded", (), (False, False, timedelta(hours=1))),
        (401, "authError", (), (False, False, None)),
        (403, "forbidden", (), (True, False, None)),
        (400, "badRequest", (), (True, False, None)),
        (404, "notFound", (), (True, False, None)),
    ],
)
def test_each_answer_has_its_meaning(loopback, backend, status, reason, headers, expected):
    loopback.faults.keep(
        "events.insert", Fault("answer", status=status, reason=reason, headers=headers)
    )

    with pytest.raises(CalendarError) as refusal:
        backend.put(an_event(), timeout=SOON)

    error = refusal.value
    assert (error.is_permanent, error.is_revoked, error.retry_after) == expected


def test_a_consent_that_has_ended_is_named(loopback, backend):
    loopback.end_consent(backend.account.refresh_token)

    with pytest.raises(CalendarError) as refusal:
        backend.put(an_event(), timeout=SOON)

    assert refusal.value.is_revoked
    assert not refusal.value.is_permanent


def test_waiting_is_bounded(loopback, backend):
    loopback.faults.add("events.insert", Fault("delay", seconds=1))

    with pytest.raises(CalendarError) as refusal:
        backend.put(an_event(), timeout=timedelta(milliseconds=200))

    assert not refusal.value.is_permanent


def test_busy_reads_times_and_takes_no_failure_for_free(loopback, backend):
    window = Interval(START, START + timedelta(days=1))
    loopback.account(MENTOR).busy.append(
        {"start": "2027-03-01T14:00:00Z", "end": "2027-03-01T15:30:00Z"}
    )

    found = backend.busy(window, timeout=SOON)
    loopback.faults.add("freebusy.query", Fault("calendar_errors", reason="internalError"))
    with pytest.raises(CalendarError):
        backend.busy(window, timeout=SOON)

    two = START + timedelta(hours=2)
    assert found == [Interval(two, two + timedelta(minutes=90))]


def test_a_thread_keeps_clients_for_the_accounts_it_used_last(loopback, settings):
    accounts = [
        GoogleAccount(f"many-{number}", loopback.consent(f"{number}@gmail.example.com", "all"))
        for number in range(KEPT + 1)
    ]

    first = client_for(accounts[0])
    for account in accounts:
        client_for(account)

    assert client_for(accounts[-1]) is client_for(accounts[-1])
    assert client_for(accounts[0]) is not first
