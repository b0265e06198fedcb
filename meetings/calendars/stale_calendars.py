"""Connected calendars that have not been read lately, for a warning beside free times."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from meetings.calendars.homes import connection_of

# Busy times that were read longer ago count as stale.
TRUSTED = timedelta(hours=1)


@dataclass(frozen=True)
class StaleCalendar:
    """A person whose Google Calendar is stale. since: when it was last read; None if never."""

    person: User
    since: datetime | None


def stale_calendars(people: Iterable[User], *, now: datetime) -> list[StaleCalendar]:
    """Those with a connection that has ended, or with busy times older than TRUSTED, each once.

    No query for people fetched with their calendar_connection.
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
