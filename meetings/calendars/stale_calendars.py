"""Whose calendar has not been asked lately, so that a page can say so beside free times."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from meetings.calendars.homes import connection_of

# What was read longer ago may have changed since.
TRUSTED = timedelta(hours=1)


@dataclass(frozen=True)
class StaleCalendar:
    """The person's Google Calendar was read for the last time at since; None is never."""

    person: User
    since: datetime | None


def stale_calendars(people: Iterable[User], *, now: datetime) -> list[StaleCalendar]:
    """Those with a connection that has ended, or with busy times older than TRUSTED, each once.

    No query for people who come with their calendar_connection.
    """
    found = []
    for person in dict.fromkeys(people):
        connection = connection_of(person)
        if connection is None:
            continue
        read_at = connection.busy_read_at
        if not connection.is_working or read_at is None or read_at < now - TRUSTED:
            found.append(StaleCalendar(person, read_at))
    return found
