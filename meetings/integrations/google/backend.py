"""Google Calendar behind the port: one event a meeting, with its Meet room.

Facts are from the discovery document of calendar v3 unless another source is named.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from googleapiclient.errors import HttpError

from meetings.domain.grid import Interval
from meetings.integrations.calendar import CalendarError, Event, Link
from meetings.integrations.google.account import GoogleAccount
from meetings.integrations.google.client import client_for, forget
from meetings.integrations.google.errors import translated
from meetings.integrations.google.events import (
    SILENT,
    body_of,
    changes_to,
    closing,
    is_newer,
    link_of,
    moment_of,
    placeholder_of,
    room_missing,
    stamp,
)

# Tries to change an event that somebody else is changing at the same time.
PATCHES = 3
# Google refuses windows longer than 90 days (https://github.com/calcom/cal.com/pull/11962).
LONGEST_WINDOW = timedelta(days=75)


class GoogleCalendar:
    """The calendar of one account.

    We choose the event's id, so a repeated request never creates a second event, not even when
    the library repeats one by itself after a closed connection.
    """

    keeps_nothing = False

    def __init__(self, account: GoogleAccount) -> None:
        self.account = account

    def put(self, event: Event, *, timeout: timedelta) -> Link:
        with self._talking():
            events = self._events(timeout)
            steps = [self._make, self._match] if event.is_new else [self._match, self._make]
            for step in steps:
                if (found := step(events, event)) is not None:
                    return link_of(found)
            raise CalendarError("Google has the event and has it not")

    def delete(self, uid: str, *, timeout: timedelta) -> None:
        """Delete the event, so that no late request can bring it back.

        It is marked as final first: a late patch then fails on the ETag, and a slow process sees
        the mark. Without an event, a placeholder is created and deleted: a deleted id stays taken,
        so a late insert fails.
        """
        with self._talking():
            events = self._events(timeout)
            found = (
                self._close(events, uid)
                or self._insert(events, placeholder_of(uid), send="none")
                or self._close(events, uid)
            )
            if found is None:
                raise CalendarError("Google has the event and has it not")
            if found.get("status") != "cancelled":
                self._delete(events, uid)

    def busy(self, window: Interval, *, timeout: timedelta) -> list[Interval]:
        """Only times, no titles. A failure can come in a 200 response; it raises CalendarError."""
        with self._talking():
            client, parts = client_for(self.account), list(_parts(window))
            client.allow(timeout / len(parts))
            return sorted({each for part in parts for each in self._busy(client.service, part)})

    def _busy(self, service: Any, window: Interval) -> list[Interval]:
        calendar = self.account.calendar_id
        asked = {
            "timeMin": stamp(window.start),
            "timeMax": stamp(window.end),
            "items": [{"id": calendar}],
        }
        answer = service.freebusy().query(body=asked).execute()
        found = answer.get("calendars", {}).get(calendar)
        if found is None or found.get("errors") or "busy" not in found:
            reasons = [each.get("reason", "") for each in (found or {}).get("errors", [])]
            raise CalendarError(f"Google could not say what is busy: {', '.join(reasons)}")
        spans = [(moment_of(each["start"]), moment_of(each["end"])) for each in found["busy"]]
        return [Interval(start, end) for start, end in spans if start < end]

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Turn errors into CalendarError; after one, the next try uses a new connection."""
        try:
            with translated():
                yield
        except CalendarError:
            forget(self.account)
            raise

    def _events(self, timeout: timedelta) -> Any:
        client = client_for(self.account)
        client.allow(timeout)
        return client.service.events()

    def _make(self, events: Any, event: Event) -> dict[str, Any] | None:
        """Create the event; None if its id is taken, because an earlier try did arrive."""
        made = self._insert(events, body_of(event), send="all")
        if made is not None and (missing := room_missing(event, made)):
            return self._patch(events, made, missing) or made
        return made

    def _match(self, events: Any, event: Event) -> dict[str, Any] | None:
        """Change the existing event to match; None if there is none."""
        for _time in range(PATCHES):
            found = self._get(events, event.uid)
            if found is not None and is_newer(found, event):
                raise CalendarError("Google has a later state of the meeting already")
            changes = changes_to(event, found) if found else {}
            if found is None or not changes:
                return found
            if (patched := self._patch(events, found, changes)) is not None:
                return patched
        raise CalendarError("Google's event never stayed the same for long enough")

    def _insert(self, events: Any, body: dict[str, Any], *, send: str) -> dict[str, Any] | None:
        """The created event; None if its id is taken."""
        request = events.insert(
            calendarId=self.account.calendar_id,
            body=body,
            conferenceDataVersion=1,
            sendUpdates=send,
        )
        return _unless(HTTPStatus.CONFLICT, request)

    def _get(self, events: Any, uid: str) -> dict[str, Any] | None:
        """The event, also one that was deleted; None if there never was one."""
        request = events.get(calendarId=self.account.calendar_id, eventId=uid)
        return _unless(HTTPStatus.NOT_FOUND, request)

    def _patch(
        self, events: Any, found: dict[str, Any], changes: dict[str, Any]
    ) -> dict[str, Any] | None:
        """The changed event; None if it has changed since it was read (If-Match).

        So a patch that timed out, and arrives after a later one, changes nothing.
        """
        request = events.patch(
            calendarId=self.account.calendar_id,
            eventId=found["id"],
            body=changes,
            conferenceDataVersion=1,
            sendUpdates="none" if changes.keys() <= SILENT else "all",
        )
        request.headers["If-Match"] = found["etag"]
        return _unless(HTTPStatus.PRECONDITION_FAILED, request)

    def _close(self, events: Any, uid: str) -> dict[str, Any] | None:
        """Mark the event as final, so that nothing overwrites it; None if there never was one."""
        request = events.patch(
            calendarId=self.account.calendar_id,
            eventId=uid,
            body=closing(uid),
            conferenceDataVersion=1,
            sendUpdates="none",
        )
        try:
            return _unless(HTTPStatus.NOT_FOUND, request)
        except HttpError as error:
            if error.resp.status == HTTPStatus.GONE:
                return {"status": "cancelled"}
            raise

    def _delete(self, events: Any, uid: str) -> None:
        """Delete the event. One that is already gone (410) needs no action (guide to errors)."""
        request = events.delete(calendarId=self.account.calendar_id, eventId=uid, sendUpdates="all")
        _unless(HTTPStatus.GONE, request)


def _unless(status: HTTPStatus, request: Any) -> dict[str, Any] | None:
    """Google's response; None if it has that status."""
    try:
        answer: dict[str, Any] = request.execute()
    except HttpError as error:
        if error.resp.status == status:
            return None
        raise
    return answer


def _parts(window: Interval) -> Iterator[Interval]:
    """The window in parts that are short enough for Google."""
    start = window.start
    while start < window.end:
        end = min(start + LONGEST_WINDOW, window.end)
        yield Interval(start, end)
        start = end
