"""The port to calendars: plain values in and out, one backend behind it.

A backend's methods can be repeated: the event's id is derived from the meeting's id, so retries,
crashes and lost responses do no harm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from meetings.domain.grid import Interval

# The name of the platform's own account.
PLATFORM_ACCOUNT = "platform"


class CalendarProvider(StrEnum):
    """Who hosts a calendar. LOCAL: nobody does, and people get an .ics file."""

    LOCAL = "local"
    GOOGLE = "google"


class RoomProvider(StrEnum):
    """Who provides the room, so that pages can name it."""

    MENTOR_ROOM = "mentor-room"
    OPEN_ROOM = "open-room"
    GOOGLE_MEET = "google-meet"


@dataclass(frozen=True)
class Person:
    """One of the two who meet."""

    name: str
    email: str


@dataclass(frozen=True)
class Event:
    """What a calendar should show. uid: 32 hex digits, one per meeting, never changed. sequence
    rises with each change. room_url: the mentor's own room, empty without one. page_url: the
    meeting's page. is_new: whether the event is not known to exist in a calendar yet."""

    uid: str
    sequence: int
    summary: str
    description: str
    start: datetime
    end: datetime
    organizer: Person
    attendees: Sequence[Person]
    room_url: str
    page_url: str
    is_new: bool = True


@dataclass(frozen=True)
class Link:
    """A room that a provider returned. url: empty while the room is pending; ask_again then says
    how long to wait. event_id: the calendar's id of the event."""

    url: str
    provider: RoomProvider
    event_id: str
    ask_again: timedelta | None = None


class CalendarError(Exception):
    """A request to a calendar failed. Unless it is permanent, retry it, after retry_after if the
    calendar named a time. is_revoked: the owner's consent has ended, and nothing will work until
    it is given again."""

    def __init__(
        self,
        reason: str,
        *,
        is_permanent: bool = False,
        is_revoked: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(reason)
        self.is_permanent = is_permanent
        self.is_revoked = is_revoked
        self.retry_after = retry_after


class CalendarBackend(Protocol):
    """What a calendar can do. Each method raises CalendarError, within timeout.

    keeps_nothing: put() only computes the room, so there is nothing to retry or to delete.
    """

    keeps_nothing: bool

    def put(self, event: Event, *, timeout: timedelta) -> Link:
        """Create the event, or change it to match."""

    def delete(self, uid: str, *, timeout: timedelta) -> None:
        """Delete the event, if it still exists."""

    def busy(self, window: Interval, *, timeout: timedelta) -> list[Interval]:
        """When the calendar's owner is busy, soonest first; it may include our own events."""


@lru_cache(maxsize=4)
def _load(path: str) -> CalendarBackend:
    backend: CalendarBackend = import_string(path)()
    return backend


def calendar_backend() -> CalendarBackend:
    """The backend that settings.CALENDAR_BACKEND names, for events that are in no hosted calendar
    (CalendarProvider.LOCAL)."""
    return _load(settings.CALENDAR_BACKEND)


_listeners: list[Callable[[Any], object]] = []


def on_event_behind(listener: Callable[[Any], object]) -> None:
    """Register listener, which is called with a meeting when its event does not match it. A higher
    layer registers it; without a listener the event is only due."""
    _listeners.append(listener)


def event_is_behind(owner: Any) -> None:
    """Call the listeners; to be called after the commit."""
    for listener in _listeners:
        listener(owner)
