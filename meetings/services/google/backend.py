"""Google Calendar behind the port: one event a meeting, with its Meet room.

Facts are from the discovery document of calendar v3 unless another source is named.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from googleapiclient.errors import HttpError

from meetings.domain.grid import Interval
from meetings.services.calendar import CalendarError, Event, Link, Provider
from meetings.services.google.account import GoogleAccount
from meetings.services.google.client import client_for, forget
from meetings.services.google.errors import translated

# Marks our events, so that they can be listed and told from everything else in the calendar.
PROPERTY = "p2plearnMeeting"
REMINDERS = {
    "useDefault": False,
    "overrides": [{"method": "email", "minutes": 24 * 60}, {"method": "popup", "minutes": 30}],
}
POLL = timedelta(seconds=5)
COMPARED = ("summary", "description", "start", "end", "status")


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
            changes = _changes(event, found)
            if changes:
                found = self._patch(events, event.uid, changes)
        return _link(found)

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
                        "timeMin": _stamp(window.start),
                        "timeMax": _stamp(window.end),
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
                Interval(_moment(each["start"]), _moment(each["end"])) for each in found["busy"]
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
            body=_body(event),
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


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _conference(uid: str, number: int) -> dict[str, Any]:
    """A request for a Meet room; a repeated requestId is ignored, so each try has its own."""
    return {
        "createRequest": {
            "requestId": f"{uid}-{number}",
            "conferenceSolutionKey": {"type": "hangoutsMeet"},
        }
    }


def _content(event: Event) -> dict[str, Any]:
    """What is compared, and sent again when it differs."""
    return {
        "status": "confirmed",
        "summary": event.summary,
        "description": f"{event.description}\n\n{event.page_url}".strip(),
        "start": {"dateTime": _stamp(event.start), "timeZone": "UTC"},
        "end": {"dateTime": _stamp(event.end), "timeZone": "UTC"},
    }


def _body(event: Event) -> dict[str, Any]:
    return {
        "id": event.uid,
        **_content(event),
        "attendees": [
            {"email": person.email, "displayName": person.name} for person in event.attendees
        ],
        "guestsCanModify": False,
        "reminders": REMINDERS,
        "extendedProperties": {"private": {PROPERTY: event.uid}},
        "source": {"title": event.summary, "url": event.page_url},
        "conferenceData": _conference(event.uid, 1),
    }


def _is_same(name: str, wanted: Any, found: Any) -> bool:
    if name in ("start", "end"):
        told = str((found or {}).get("dateTime", ""))
        return bool(told) and _moment(told) == _moment(wanted["dateTime"])
    return bool((found or "") == wanted)


def _changes(event: Event, found: dict[str, Any]) -> dict[str, Any]:
    """What to patch so that the event found becomes the one wanted; empty when it is."""
    wanted = _content(event)
    changes = {
        name: wanted[name] for name in COMPARED if not _is_same(name, wanted[name], found.get(name))
    }
    conference = found.get("conferenceData") or {}
    request = conference.get("createRequest") or {}
    status = (request.get("status") or {}).get("statusCode")
    if not _meet_url(found) and status != "pending":
        number = str(request.get("requestId", "")).rpartition("-")[2]
        following = int(number) + 1 if number.isdecimal() else 1
        changes["conferenceData"] = _conference(event.uid, following)
    return changes


def _meet_url(found: dict[str, Any]) -> str:
    """The video address that Google returned; empty while there is none."""
    for entry in (found.get("conferenceData") or {}).get("entryPoints") or []:
        if entry.get("entryPointType") == "video" and entry.get("uri"):
            return str(entry["uri"])
    return str(found.get("hangoutLink") or "")


def _link(found: dict[str, Any]) -> Link:
    url = _meet_url(found)
    return Link(url, Provider.GOOGLE_MEET, str(found["id"]), ask_again=None if url else POLL)
