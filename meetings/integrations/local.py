"""The backend that needs no account: it computes rooms, and stores nothing."""

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings

from meetings.domain.grid import Interval
from meetings.integrations.calendar import Event, Link, RoomProvider


class LocalCalendar:
    """The room is the mentor's own, else one from settings.ROOM_URL_TEMPLATE.

    The event itself reaches people as an .ics file, so there is nothing to store or delete, and
    nobody's calendar to read.
    """

    keeps_nothing = True

    def put(self, event: Event, *, timeout: timedelta) -> Link:
        if event.room_url:
            return Link(event.room_url, RoomProvider.MENTOR_ROOM, event.uid)
        return Link(self._open_room(event.uid), RoomProvider.OPEN_ROOM, event.uid)

    def delete(self, uid: str, *, timeout: timedelta) -> None:
        """Nothing is stored, so there is nothing to delete."""

    def busy(self, window: Interval, *, timeout: timedelta) -> list[Interval]:
        return []

    def _open_room(self, uid: str) -> str:
        """The room's address, always the same for a meeting; it cannot be guessed from the id."""
        key = settings.SECRET_KEY.encode()
        room = hmac.new(key, f"room {uid}".encode(), hashlib.sha256).hexdigest()[:20]
        return str(settings.ROOM_URL_TEMPLATE).format(room=room)
