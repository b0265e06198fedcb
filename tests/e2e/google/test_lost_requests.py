"""A request that was given up arrives late, after the meeting has changed."""

from datetime import timedelta

import pytest

from meetings.integrations.calendar import CalendarError
from meetings.integrations.google.account import GoogleAccount
from meetings.integrations.google.backend import GoogleCalendar
from tests.e2e.google.events import MENTOR, SOON, START, an_event
from tests.e2e.google.faults import Fault

LATE = Fault("late")


@pytest.fixture
def backend(google, settings):
    token = google.consent(MENTOR, " ".join(settings.GOOGLE_SCOPES))
    return GoogleCalendar(GoogleAccount(f"test-{token}", token))


@pytest.fixture
def account(google):
    return google.account(MENTOR)


def moved(event, hours, sequence):
    start = START + timedelta(hours=hours)
    return an_event(
        uid=event.uid, is_new=False, sequence=sequence, start=start, end=start + timedelta(hours=1)
    )


def lose(google, operation, call, *args):
    google.faults.add(operation, LATE)
    with pytest.raises(CalendarError):
        call(*args, timeout=SOON)


def hours(account, event):
    return account.events[event.uid]["start"]["dateTime"][11:13]


def test_an_insert_that_comes_after_the_delete_makes_no_event(google, backend, account):
    event = an_event()
    lose(google, "events.insert", backend.put, event)

    backend.delete(event.uid, timeout=SOON)
    google.land()

    assert account.live() == []
    assert account.mails == []


def test_an_insert_that_comes_while_it_is_deleted_is_deleted_too(google, backend, account):
    event = an_event()
    lose(google, "events.insert", backend.put, event)
    google.faults.add("events.insert", Fault("meanwhile_before", act=google.land))

    backend.delete(event.uid, timeout=SOON)

    assert account.live() == []


def test_a_patch_that_comes_after_a_later_one_changes_nothing(google, backend, account):
    event = an_event()
    backend.put(event, timeout=SOON)
    lose(google, "events.patch", backend.put, moved(event, 2, 1))

    backend.put(moved(event, 4, 2), timeout=SOON)
    google.land()

    assert hours(account, event) == "16"


def test_a_late_patch_changes_nothing_after_a_move_there_and_back(google, backend, account):
    """The event has the right time already, but a request for another time is still open."""
    event = an_event()
    backend.put(event, timeout=SOON)
    lose(google, "events.patch", backend.put, moved(event, 2, 1))

    backend.put(moved(event, 0, 2), timeout=SOON)
    google.land()

    assert hours(account, event) == "12"
    assert [mail.kind for mail in account.mails] == ["invitation"]


def test_a_late_patch_does_not_restore_a_deleted_event(google, backend, account):
    event = an_event()
    backend.put(event, timeout=SOON)
    account.erase(event.uid)
    lose(google, "events.patch", backend.put, moved(event, 2, 1))

    backend.delete(event.uid, timeout=SOON)
    google.land()

    assert account.live() == []


def test_a_process_that_is_too_slow_undoes_nothing(google, backend, account):
    event = an_event()
    backend.put(event, timeout=SOON)
    backend.put(moved(event, 4, 2), timeout=SOON)

    with pytest.raises(CalendarError):
        backend.put(moved(event, 2, 1), timeout=SOON)

    assert hours(account, event) == "16"


def test_a_process_that_is_too_slow_does_not_restore_a_deleted_event(google, backend, account):
    event = an_event()
    backend.put(event, timeout=SOON)
    backend.delete(event.uid, timeout=SOON)

    with pytest.raises(CalendarError):
        backend.put(moved(event, 2, 1), timeout=SOON)

    assert account.live() == []


def test_a_guest_who_answers_meanwhile_is_no_obstacle(google, backend, account):
    event = an_event()
    backend.put(event, timeout=SOON)
    answers = Fault("meanwhile_after", act=lambda: account.answer(event.uid))
    google.faults.add("events.get", answers)

    backend.put(moved(event, 2, 1), timeout=SOON)

    assert hours(account, event) == "14"


def test_an_event_that_its_owner_deleted_comes_back_with_the_next_change(google, backend, account):
    event = an_event()
    first = backend.put(event, timeout=SOON)
    account.erase(event.uid)

    again = backend.put(moved(event, 2, 1), timeout=SOON)

    assert [each["id"] for each in account.live()] == [event.uid]
    assert again.url == first.url


def test_a_room_that_stays_pending_is_asked_for_anew_without_a_mail(google, backend, account):
    event = an_event()
    google.faults.add("events.insert", Fault("conference", conference="pending"))
    backend.put(event, timeout=SOON)
    account.events[event.uid]["updated"] = "2026-01-01T00:00:00Z"

    link = backend.put(an_event(uid=event.uid, is_new=False), timeout=SOON)

    assert link.url == account.events[event.uid]["hangoutLink"]
    assert [mail.kind for mail in account.mails] == ["invitation"]
