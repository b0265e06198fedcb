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
from meetings.services.calendar import CalendarError, Event, Link
from meetings.services.google.account import GoogleAccount
from meetings.services.google.client import client_for, forget
from meetings.services.google.errors import translated
from meetings.services.google.events import body_of, changes_to, link_of, moment_of, stamp


class GoogleCalendar:
    """The calendar of one account.

    The event's id is ours, so a request that is sent again, by us or by the library on its own
    when a connection is closed without an answer, can never make a second event.
    """

    def __init__(self, account: GoogleAccount) -> None:
        self.account = account

    def put(self, event: Event, *, timeout: timedelta) -> Link:
        with self._talking():
            events = self._events(timeout)
            found = self._insert(events, event) if event.is_new else self._get(events, event.uid)
            if found is None:
                found = self._insert(events, event)
            changes = changes_to(event, found)
            if changes:
                found = self._patch(events, event.uid, changes)
        return link_of(found)

    def delete(self, uid: str, *, timeout: timedelta) -> None:
        """404 is an event that never came to be; 410 one that is gone: no further action (guide
        to errors)."""
        with self._talking():
            request = self._events(timeout).delete(
                calendarId=self.account.calendar_id, eventId=uid, sendUpdates="all"
            )
            try:
                request.execute()
            except HttpError as error:
                if error.resp.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                    raise

    def busy(self, window: Interval, *, timeout: timedelta) -> list[Interval]:
        """Times alone, no titles. A failure comes inside a 200, and is never taken for free."""
        calendar = self.account.calendar_id
        with self._talking():
            client = client_for(self.account)
            client.allow(timeout)
            answer = (
                client.service.freebusy()
                .query(
                    body={
                        "timeMin": stamp(window.start),
                        "timeMax": stamp(window.end),
                        "items": [{"id": calendar}],
                    }
                )
                .execute()
            )
            found = answer.get("calendars", {}).get(calendar)
            if found is None or found.get("errors") or "busy" not in found:
                reasons = [each.get("reason", "") for each in (found or {}).get("errors", [])]
                raise CalendarError(f"Google could not say what is busy: {', '.join(reasons)}")
            return sorted(
                Interval(moment_of(each["start"]), moment_of(each["end"])) for each in found["busy"]
            )

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Errors as CalendarError; after one, the next try has a connection of its own."""
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

    def _insert(self, events: Any, event: Event) -> dict[str, Any]:
        request = events.insert(
            calendarId=self.account.calendar_id,
            body=body_of(event),
            conferenceDataVersion=1,
            sendUpdates="all",
        )
        try:
            found: dict[str, Any] = request.execute()
        except HttpError as error:
            if error.resp.status != HTTPStatus.CONFLICT:
                raise
            # The id is taken: an earlier try arrived although its answer did not. Adopt it.
            known = self._get(events, event.uid)
            if known is None:
                raise CalendarError("Google has the event and has it not") from error
            return known
        return found

    def _get(self, events: Any, uid: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = events.get(
                calendarId=self.account.calendar_id, eventId=uid
            ).execute()
        except HttpError as error:
            if error.resp.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return found

    def _patch(self, events: Any, uid: str, changes: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = events.patch(
            calendarId=self.account.calendar_id,
            eventId=uid,
            body=changes,
            conferenceDataVersion=1,
            sendUpdates="all",
        ).execute()
        return found
