"""The kinds of notifications, when each is due, and until when it is relevant."""

from datetime import datetime, timedelta
from enum import StrEnum

from meetings.domain.policy import ACTIVE, Status


class Kind(StrEnum):
    """What a notification is about."""

    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    REMINDER_24H = "reminder_24h"
    REMINDER_1H = "reminder_1h"
    RATING_REQUEST = "rating_request"
    CONNECTION_LOST = "connection_lost"


# How long before the start each is due. A change here does not affect meetings that are already
# booked: their reminders were written with the booking.
REMINDERS = {Kind.REMINDER_24H: timedelta(hours=24), Kind.REMINDER_1H: timedelta(hours=1)}
LAST_REMINDER = min(REMINDERS, key=REMINDERS.__getitem__)
# A reminder that is due sooner after the booking would only repeat the confirmation.
MARGIN = timedelta(hours=1)
# Learners often rate a meeting right after completing it, and then need no request.
QUESTION_DELAY = timedelta(minutes=5)


def reminders_due(starts_at: datetime, now: datetime) -> dict[Kind, datetime]:
    """`{kind: when}`: the reminders of a meeting whose time became known now."""
    due = {kind: starts_at - lead for kind, lead in REMINDERS.items()}
    return {kind: moment for kind, moment in due.items() if moment >= now + MARGIN}


def question_due(ends_at: datetime, now: datetime) -> datetime:
    """When to request the rating of a meeting completed at now, which may be before its end."""
    return max(ends_at, now) + QUESTION_DELAY


def is_still_relevant(
    kind: Kind,
    starts_at: datetime | None,
    *,
    status: str,
    span: tuple[datetime, datetime],
    is_rated: bool,
    now: datetime,
) -> bool:
    """Whether a notification about the start starts_at still fits the meeting as it is now.

    span: the meeting's current start and end.
    """
    start, end = span
    if kind == Kind.CANCELLED:
        return status == Status.CANCELLED
    if kind == Kind.RATING_REQUEST:
        return status == Status.COMPLETED and not is_rated
    if kind in REMINDERS:
        return status == Status.SCHEDULED and starts_at == start and now < start
    return status in ACTIVE and starts_at == start and now < end
