"""Reading busy times of connected people, with a fake Google on loopback."""

import time
from datetime import timedelta

import pytest
import time_machine

from accounts.models import CalendarConnection, User
from meetings.booking import lifecycle
from meetings.calendars.external_busy import freshen, read_busy_times
from meetings.domain.grid import Interval
from meetings.models import ExternalBusy
from meetings.tasks import refresh_busy_times
from tests.e2e.google.connections import connect
from tests.e2e.google.consenting import busy_at
from tests.e2e.google.faults import Fault
from tests.factories import MONDAY, MeetingFactory, MentorFactory
from tests.meetings.matching import match_calendar

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)
HOUR = timedelta(hours=1)
SOON = timedelta(seconds=2)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def connection(google):
    return connect(google, MentorFactory().user)


@pytest.fixture
def account(google, connection):
    return google.account(connection.google_email)


def read(connection, now=NOW):
    return read_busy_times(connection, now=now, timeout=SOON)


def stored():
    return list(ExternalBusy.objects.values_list("starts_at", "ends_at"))


def read_at(connection):
    connection.refresh_from_db()
    return connection.busy_read_at


def span(start, end):
    return Interval(MONDAY + start * HOUR, MONDAY + end * HOUR)


def test_what_is_busy_is_stored_with_when_it_was_read(connection, account):
    account.busy.append(busy_at(MONDAY))

    assert read(connection)

    assert stored() == [(MONDAY, MONDAY + HOUR)]
    assert read_at(connection) == NOW


def test_it_is_read_as_far_ahead_as_anybody_may_book(connection, account):
    far = NOW + timedelta(days=179)
    account.busy.append(busy_at(far))

    assert read(connection)

    assert stored() == [(far, far + HOUR)]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("calendar_errors", reason="internalError"),
        Fault("answer", 503),
        Fault("truncate"),
        Fault("answer", 403, "quotaExceeded"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status}",
)
def test_a_failure_keeps_what_was_known(google, connection, account, fault):
    account.busy.append(busy_at(MONDAY))
    read(connection)
    account.busy.clear()
    google.faults.keep("freebusy.query", fault)

    assert not read(connection, NOW + HOUR)

    assert stored() == [(MONDAY, MONDAY + HOUR)]
    assert read_at(connection) == NOW


def test_our_own_events_do_not_count(connection, account):
    MeetingFactory(mentor=connection.user)
    account.busy += [busy_at(MONDAY), busy_at(MONDAY + HOUR)]

    read(connection)

    assert stored() == [(MONDAY + HOUR, MONDAY + 2 * HOUR)]


def test_a_meeting_that_moves_while_google_looks_counts_at_neither_time(
    google, connection, account
):
    meeting = MeetingFactory(mentor=connection.user)
    account.busy += [busy_at(MONDAY), busy_at(MONDAY + 4 * HOUR)]
    lifecycle.reschedule(meeting, to=MONDAY + 4 * HOUR, by=connection.user, now=NOW)

    read(connection)

    assert stored() == [(MONDAY, MONDAY + HOUR)]


def test_an_older_answer_does_not_replace_a_newer_one(connection, account):
    account.busy.append(busy_at(MONDAY))
    read(connection, NOW + HOUR)
    account.busy.clear()

    assert read(connection, NOW)

    assert stored() == [(MONDAY, MONDAY + HOUR)]
    assert read_at(connection) == NOW + HOUR


def test_nothing_is_stored_for_an_account_that_was_exchanged(connection, account):
    account.busy.append(busy_at(MONDAY))
    CalendarConnection.objects.update(google_id="another")

    read(connection)

    assert stored() == []


def test_an_ended_consent_is_noticed(google, connection):
    google.end_consent(connection.refresh_token)

    assert not read(connection)

    connection.refresh_from_db()
    assert connection.broken_at == NOW


def test_a_consent_that_was_renewed_meanwhile_stays_valid(google, connection):
    google.end_consent(connection.refresh_token)
    CalendarConnection.objects.update(connected_at=NOW + timedelta(seconds=1))

    assert not read(connection)

    connection.refresh_from_db()
    assert connection.is_working


def test_a_calendar_that_cannot_be_read_does_not_hold_up_the_others(google, connection, account):
    other = connect(google, MentorFactory().user)
    account.busy.append(busy_at(MONDAY))
    other.encrypted_token = "encrypted with a key that is gone"
    other.save()

    assert refresh_busy_times(NOW) == 1

    assert stored() == [(MONDAY, MONDAY + HOUR)]


def test_a_moved_meeting_makes_the_calendar_stale(google, connection):
    meeting = MeetingFactory(mentor=connection.user)
    match_calendar(meeting)
    lifecycle.reschedule(meeting, to=MONDAY + HOUR, by=connection.user, now=NOW)
    read(connection)

    match_calendar(meeting)

    assert list(CalendarConnection.objects.stale(NOW - HOUR)) == [connection]


def test_a_booking_leaves_the_calendar_fresh(google, connection):
    """A booking leaves the calendar fresh: it succeeds only if its time is free there."""
    meeting = MeetingFactory(mentor=connection.user)
    read(connection)

    assert match_calendar(meeting)

    assert list(CalendarConnection.objects.stale(NOW - HOUR)) == []


def freshen_for(connection, now, wait):
    """As for a person whose busy times have just been read."""
    freshen([User.objects.get(pk=connection.pk)], now=now, wait=wait)


@pytest.mark.django_db(transaction=True)
def test_freshen_waits_no_longer_than_it_may(google, connection, account):
    account.busy.append(busy_at(MONDAY))
    google.faults.keep("freebusy.query", Fault("hang"))

    freshen_for(connection, NOW, timedelta(seconds=1))
    # The request runs longer than that, and its result is stored.
    before = stored()
    google.faults.clear()
    deadline = time.monotonic() + 10
    while not stored() and time.monotonic() < deadline:
        time.sleep(0.02)

    assert before == []
    assert stored() == [(MONDAY, MONDAY + HOUR)]


@pytest.mark.django_db(transaction=True)
def test_freshen_asks_only_what_is_old(google, connection):
    read(connection)
    google.calls.clear()

    freshen_for(connection, NOW + timedelta(seconds=59), SOON)
    assert google.calls == []

    freshen_for(connection, NOW + timedelta(seconds=61), SOON)
    assert read_at(connection) == NOW + timedelta(seconds=61)
