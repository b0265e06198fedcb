"""The rules of a meeting's lifecycle: its limits, its statuses, and when each change is allowed."""

from datetime import datetime, timedelta
from enum import StrEnum

from meetings.domain.errors import (
    AlreadyStarted,
    MeetingOver,
    NotStarted,
    TooEarlyToJoin,
    WrongStatus,
)

# In minutes: how long a meeting can be, and the gap before or after it.
DURATIONS = (30, 60, 90, 120)
GAPS = (0, 15, 30, 45, 60)
# Days ahead, at most, that a mentor can be booked.
HORIZON_LIMIT = 180
JOIN_LEAD = timedelta(minutes=10)
SUBJECT_LIMIT = 200
TEXT_LIMIT = 5_000
REASON_LIMIT = 1_000
RATINGS = range(1, 6)


class Status(StrEnum):
    """Where a meeting stands."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


ACTIVE = (Status.SCHEDULED, Status.IN_PROGRESS)


class Change(StrEnum):
    """The kinds of changes in the history of a meeting."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    STARTED = "started"
    COMPLETED = "completed"
    EDITED = "edited"
    RATED = "rated"


def check_reschedule(status: str, starts_at: datetime, now: datetime) -> None:
    """Raises WrongStatus unless the meeting is scheduled, AlreadyStarted from its start on."""
    if status != Status.SCHEDULED:
        raise WrongStatus
    if now >= starts_at:
        raise AlreadyStarted


def check_edit(status: str) -> None:
    """Raises WrongStatus unless the meeting is scheduled."""
    if status != Status.SCHEDULED:
        raise WrongStatus


def check_cancel(status: str) -> None:
    """Raises WrongStatus unless the meeting is scheduled, which it is until somebody joins."""
    if status != Status.SCHEDULED:
        raise WrongStatus


def check_join(status: str, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises WrongStatus if the meeting is cancelled, MeetingOver if it is completed; for an active
    one TooEarlyToJoin or MeetingOver outside [start - JOIN_LEAD, end)."""
    if status not in ACTIVE:
        raise WrongStatus if status == Status.CANCELLED else MeetingOver
    if now < starts_at - JOIN_LEAD:
        raise TooEarlyToJoin(minutes=JOIN_LEAD // timedelta(minutes=1))
    if now >= ends_at:
        raise MeetingOver


def check_complete(status: str, starts_at: datetime, now: datetime) -> None:
    """Raises WrongStatus unless the meeting is active, NotStarted before its start."""
    if status not in ACTIVE:
        raise WrongStatus
    if now < starts_at:
        raise NotStarted
