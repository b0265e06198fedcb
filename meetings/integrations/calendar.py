"""The port to calendars: plain values in and out, one backend behind it.

A backend makes an event match what it is given, as often as it is asked: the event's id follows
from the meeting's own, so repeating, crashing and losing an answer do no harm.
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

# What the platform's own account is called among those of its provider.
PLATFORM_ACCOUNT = "platform"


class CalendarProvider(StrEnum):
    """Who keeps a calendar. LOCAL is nobody: people get an .ics file."""

    LOCAL = "local"
    GOOGLE = "google"


class RoomProvider(StrEnum):
    """Who gave the room, so that a page can call it what it is."""

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
    """What a calendar should show. uid: 32 hex digits, one a meeting, for life. sequence rises
    with each change. room_url: the mentor's own room, empty without one. page_url leads back.
    is_new: whether no calendar has been seen to hold it yet."""

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
    """A room that a provider really gave. url is empty while it is still being made, and
    ask_again says when to look; event_id is the calendar's name for the event."""

    url: str
    provider: RoomProvider
    event_id: str
    ask_again: timedelta | None = None


class CalendarError(Exception):
    """The calendar did not do it. Unless it is permanent it is worth trying again, after
    retry_after where the calendar named a time. is_revoked: the owner's consent has ended, and
    nothing will work until it is given anew."""

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

    keeps_nothing: put() only works out the room, so that there is nothing to repeat or to delete.
    """

    keeps_nothing: bool

    def put(self, event: Event, *, timeout: timedelta) -> Link:
        """Make the event exist and be as given."""

    def delete(self, uid: str, *, timeout: timedelta) -> None:
        """Make the event not exist; one that is gone already is fine."""

    def busy(self, window: Interval, *, timeout: timedelta) -> list[Interval]:
        """When the calendar's owner is busy, soonest first, our own events left out."""


@lru_cache(maxsize=4)
def _load(path: str) -> CalendarBackend:
    backend: CalendarBackend = import_string(path)()
    return backend


def calendar_backend() -> CalendarBackend:
    """The backend that settings.CALENDAR_BACKEND names, for meetings whose event nobody's calendar
    holds (CalendarProvider.LOCAL)."""
    return _load(settings.CALENDAR_BACKEND)


_listeners: list[Callable[[Any], object]] = []


def on_event_behind(listener: Callable[[Any], object]) -> None:
    """Call listener with whatever has an event (a meeting), when that event is not what it should
    be. Registered from above; without a listener the event is simply due."""
    _listeners.append(listener)


def event_is_behind(owner: Any) -> None:
    """The commit is done: bring the owner's event up."""
    for listener in _listeners:
        listener(owner)
