"""A calendar backend for tests: it records the calls, and fails on request."""

from collections.abc import Callable
from datetime import timedelta

from meetings.domain.grid import Interval
from meetings.integrations.calendar import Event, Link, RoomProvider


class FakeCalendar:
    """One instance for the whole process; the `calendar` fixture empties it."""

    keeps_nothing = False

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.events: dict[str, Event] = {}
        self.calls: list[str] = []
        # Called in place of the next calls, in order: may raise, or inspect the event.
        self.surprises: list[Callable[[], None]] = []

    def fail(self, error: Exception, *, times: int = 1) -> None:
        """Raise the error on the next calls."""

        def surprise() -> None:
            raise error

        self.surprises += [surprise] * times

    def put(self, event: Event, *, timeout: timedelta) -> Link:
        self._called(f"put {event.sequence}")
        self.events[event.uid] = event
        return Link(f"https://rooms.example.com/{event.uid}", RoomProvider.OPEN_ROOM, event.uid)

    def delete(self, uid: str, *, timeout: timedelta) -> None:
        self._called("delete")
        self.events.pop(uid, None)

    def busy(self, window: Interval, *, timeout: timedelta) -> list[Interval]:
        return []

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.surprises:
            self.surprises.pop(0)()
