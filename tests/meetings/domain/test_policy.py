from datetime import UTC, datetime, timedelta

import pytest

from meetings.domain.errors import (
    AlreadyStarted,
    BookingError,
    MeetingOver,
    NotStarted,
    TooEarlyToJoin,
    WrongStatus,
)
from meetings.domain.policy import check_cancel, check_complete, check_join, check_reschedule

START = datetime(2027, 3, 1, 10, tzinfo=UTC)
END = START + timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
EARLY = START - timedelta(minutes=10)

fine = None


@pytest.mark.parametrize(
    ("status", "now", "outcome"),
    [
        ("scheduled", START - INSTANT, fine),
        ("scheduled", START, AlreadyStarted),
        ("in-progress", START - INSTANT, WrongStatus),
        ("completed", START - INSTANT, WrongStatus),
        ("cancelled", START - INSTANT, WrongStatus),
    ],
)
def test_reschedule(status, now, outcome):
    assert error_of(check_reschedule, status, START, now) is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("scheduled", fine),
        ("in-progress", WrongStatus),
        ("completed", WrongStatus),
        ("cancelled", WrongStatus),
    ],
)
def test_cancel(status, outcome):
    assert error_of(check_cancel, status) is outcome


@pytest.mark.parametrize(
    ("status", "now", "outcome"),
    [
        ("scheduled", EARLY - INSTANT, TooEarlyToJoin),
        ("scheduled", EARLY, fine),
        ("scheduled", END - INSTANT, fine),
        ("scheduled", END, MeetingOver),
        ("in-progress", EARLY, fine),
        ("in-progress", END, MeetingOver),
        ("completed", START, MeetingOver),
        ("cancelled", START, WrongStatus),
    ],
)
def test_join(status, now, outcome):
    assert error_of(check_join, status, START, END, now) is outcome


@pytest.mark.parametrize(
    ("status", "now", "outcome"),
    [
        ("scheduled", START - INSTANT, NotStarted),
        ("scheduled", START, fine),
        ("in-progress", START - INSTANT, NotStarted),
        ("in-progress", END + timedelta(days=9), fine),
        ("completed", START, WrongStatus),
        ("cancelled", START, WrongStatus),
    ],
)
def test_complete(status, now, outcome):
    assert error_of(check_complete, status, START, now) is outcome


def test_every_refusal_has_a_code_and_a_text():
    refusals = [BookingError, *_all_below(BookingError)]

    assert all(refusal.code and refusal.text for refusal in refusals)


def error_of(check, *arguments):
    """The type of the exception that the check raises, or None."""
    try:
        check(*arguments)
    except BookingError as error:
        return type(error)
    return None


def _all_below(kind):
    return [each for sub in kind.__subclasses__() for each in (sub, *_all_below(sub))]
