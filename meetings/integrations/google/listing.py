"""The events of ours that Google really has."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from meetings.domain.grid import Interval
from meetings.integrations.calendar import CalendarError, Event
from meetings.integrations.google.account import GoogleAccount
from meetings.integrations.google.client import client_for, forget
from meetings.integrations.google.errors import translated
from meetings.integrations.google.events import (
    MARK,
    MARKED,
    PROPERTY,
    SEQUENCE,
    changes_to,
    private_properties,
    stamp,
)


@dataclass(frozen=True)
class Listed:
    """An event with our mark. uid: of the meeting that it names; it equals event_id unless somebody
    has copied the event. sequence: the version of the meeting that it has, -1 if unknown."""

    event_id: str
    uid: str
    summary: str
    start: str
    sequence: int
    found: dict[str, Any] = field(repr=False, compare=False)

    def differences(self, event: Event) -> list[str]:
        """Google's names of the fields that differ; empty if the event matches."""
        return list(changes_to(event, self.found))


def our_events(account: GoogleAccount, window: Interval, *, timeout: timedelta) -> list[Listed]:
    """Our events that share time with window and are not deleted, from all pages.

    Raises CalendarError if any page fails: with a partial list, existing events would look missing.
    """
    found: list[dict[str, Any]] = []
    try:
        with translated():
            client = client_for(account)
            client.allow(timeout)
            events = client.service.events()
            request = events.list(
                calendarId=account.calendar_id,
                privateExtendedProperty=f"{MARK}={MARKED}",
                timeMin=stamp(window.start),
                timeMax=stamp(window.end),
                showDeleted=False,
            )
            while request is not None:
                page = request.execute()
                found += page.get("items", [])
                request = events.list_next(request, page)
    except CalendarError:
        forget(account)
        raise
    return [_listed(each) for each in found]


def _listed(found: dict[str, Any]) -> Listed:
    properties = private_properties(found)
    sequence = properties.get(SEQUENCE, "")
    return Listed(
        event_id=str(found["id"]),
        uid=properties.get(PROPERTY, ""),
        sequence=int(sequence) if sequence.isdecimal() else -1,
        summary=str(found.get("summary", "")),
        start=str((found.get("start") or {}).get("dateTime", "")),
        found=found,
    )
