"""The state of the fake Google: accounts, their tokens, events and the mails it would send."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]
WATCHED = ("start", "end", "summary", "status", "attendees", "description")


class Refusal(Exception):
    """An error response of Google: a status and Google's word for the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


@dataclass
class Mail:
    """An invitation, an update or a cancellation, sent to every guest."""

    kind: str
    event_id: str
    guests: tuple[str, ...]


@dataclass
class Account:
    """A Google account with its primary calendar. busy: what freeBusy reports besides events."""

    email: str
    events: dict[str, Event] = field(default_factory=dict)
    busy: list[dict[str, str]] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    conferences: int = 0

    def live(self) -> list[Event]:
        return [each for each in self.events.values() if each["status"] != "cancelled"]

    def insert(self, body: Event, *, conference: str, send: bool) -> Event:
        uid = body.get("id") or secrets.token_hex(13)
        if uid in self.events:
            raise Refusal(409, "duplicate")
        event = {"kind": "calendar#event", "status": "confirmed", **body, "id": uid, "sequence": 0}
        event["organizer"] = {"email": self.email, "self": True}
        self.events[uid] = event
        self._confer(event, body, conference)
        self._touch(event)
        self._mail("invitation", event, send=send)
        return event

    def get(self, uid: str) -> Event:
        if uid not in self.events:
            raise Refusal(404, "notFound")
        return self.events[uid]

    def patch(self, uid: str, body: Event, *, conference: str, send: bool, etag: str = "") -> Event:
        event = self.get(uid)
        if etag not in ("", event["etag"]):
            raise Refusal(412, "conditionNotMet")
        before = {name: event.get(name) for name in WATCHED}
        event.update({name: value for name, value in body.items() if name != "conferenceData"})
        self._confer(event, body, conference)
        if before != {name: event.get(name) for name in WATCHED}:
            event["sequence"] += 1
            self._mail("update", event, send=send)
        self._touch(event)
        return event

    def delete(self, uid: str, *, send: bool) -> None:
        if self.get(uid)["status"] == "cancelled":
            raise Refusal(410, "deleted")
        self.events[uid]["status"] = "cancelled"
        self._touch(self.events[uid])
        self._mail("cancellation", self.events[uid], send=send)

    def answer(self, uid: str) -> None:
        """A guest answers the invitation."""
        self._touch(self.events[uid])

    def erase(self, uid: str) -> None:
        """The owner deletes the event in Google."""
        if uid in self.events:
            self.events[uid]["status"] = "cancelled"
            self._touch(self.events[uid])

    def settle_conferences(self) -> None:
        """Finish the creation of pending rooms."""
        for event in self.events.values():
            request = event.get("conferenceData", {}).get("createRequest", {})
            if request.get("status", {}).get("statusCode") == "pending":
                self._succeed(event)
                self._touch(event)

    def _confer(self, event: Event, body: Event, outcome: str) -> None:
        wanted = (body.get("conferenceData") or {}).get("createRequest")
        if not wanted:
            return
        known = event.get("conferenceData", {}).get("createRequest", {})
        if known.get("status") and known.get("requestId") == wanted["requestId"]:
            return  # ignores a repeated request
        request = {**wanted, "status": {"statusCode": outcome}}
        event["conferenceData"] = {"createRequest": request}
        if outcome == "success":
            self._succeed(event)

    def _succeed(self, event: Event) -> None:
        self.conferences += 1
        url = f"https://meet.google.com/abc-{event['id'][:6]}-{self.conferences}"
        event["conferenceData"]["createRequest"]["status"] = {"statusCode": "success"}
        event["conferenceData"]["entryPoints"] = [{"entryPointType": "video", "uri": url}]
        event["hangoutLink"] = url

    @staticmethod
    def _touch(event: Event) -> None:
        event["updated"] = datetime.now(UTC).isoformat()
        event["etag"] = f'"{secrets.token_hex(8)}"'

    def _mail(self, kind: str, event: Event, *, send: bool) -> None:
        guests = tuple(sorted(each["email"] for each in event.get("attendees", [])))
        if send and guests:
            self.mails.append(Mail(kind, event["id"], guests))
