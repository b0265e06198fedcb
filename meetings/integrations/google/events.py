"""Our events in Google's format, and the patches that make them match.

Facts are from the discovery document of calendar v3 unless another source is named.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from meetings.integrations.calendar import Event, Link, RoomProvider

# Private properties that mark our events in the calendar. The first has the meeting's id; events
# are listed by the second, since Google compares whole values.
PROPERTY = "p2plearnMeeting"
MARK = "p2plearn"
MARKED = "1"
# The version of the meeting that the event matches, so that no older one overwrites it.
SEQUENCE = "p2plearnSequence"
FINAL = "final"
# Reminders by Google in a guest's calendar; our own are in meetings.domain.reminders.
GOOGLE_REMINDERS = {
    "useDefault": False,
    "overrides": [{"method": "email", "minutes": 24 * 60}, {"method": "popup", "minutes": 30}],
}
POLL = timedelta(seconds=5)
# A room that is pending for longer than this is requested again.
PATIENCE = timedelta(minutes=10)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
COMPARED = ("summary", "description", "start", "end", "status")
# Changes of these fields are not mailed to the guests.
SILENT = {"extendedProperties", "conferenceData"}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> datetime:
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
    """The fields that are compared, and patched if they differ."""
    return {
        "status": "confirmed",
        "summary": event.summary,
        "description": f"{event.description}\n\n{event.page_url}".strip(),
        "start": {"dateTime": stamp(event.start), "timeZone": "UTC"},
        "end": {"dateTime": stamp(event.end), "timeZone": "UTC"},
    }


def body_of(event: Event) -> dict[str, Any]:
    return {
        "id": event.uid,
        **_content(event),
        "attendees": [
            {"email": person.email, "displayName": person.name} for person in event.attendees
        ],
        "guestsCanModify": False,
        "reminders": GOOGLE_REMINDERS,
        "extendedProperties": {"private": _properties(event)},
        "source": {"title": event.summary, "url": event.page_url},
        "conferenceData": _conference(event.uid, 1),
    }


def _properties(event: Event) -> dict[str, str]:
    return {PROPERTY: event.uid, MARK: MARKED, SEQUENCE: str(event.sequence)}


def closing(uid: str) -> dict[str, Any]:
    """The patch that marks an event as final, so that nothing overwrites it."""
    return {"extendedProperties": {"private": {PROPERTY: uid, MARK: MARKED, SEQUENCE: FINAL}}}


def placeholder_of(uid: str) -> dict[str, Any]:
    """An event to create and delete under the id unnoticed: long ago, without guests."""
    day = {"dateTime": stamp(LONG_AGO), "timeZone": "UTC"}
    return {"id": uid, "start": day, "end": day, **closing(uid)}


def is_newer(found: dict[str, Any], event: Event) -> bool:
    """Whether the event found has a later version of the meeting than event, or is final."""
    known = private_properties(found).get(SEQUENCE, "")
    return known == FINAL or (known.isdecimal() and int(known) > event.sequence)


def private_properties(found: dict[str, Any]) -> dict[str, str]:
    """The properties of the event that only this site's client sees."""
    return (found.get("extendedProperties") or {}).get("private") or {}


def _is_same(name: str, wanted: Any, found: Any) -> bool:
    if name in ("start", "end"):
        told = str((found or {}).get("dateTime", ""))
        return bool(told) and moment_of(told) == moment_of(wanted["dateTime"])
    return bool((found or "") == wanted)


def changes_to(event: Event, found: dict[str, Any]) -> dict[str, Any]:
    """The patch that makes the event found match; empty if it matches."""
    wanted = _content(event)
    changes = {
        name: wanted[name] for name in COMPARED if not _is_same(name, wanted[name], found.get(name))
    }
    ours = _properties(event)
    if not ours.items() <= private_properties(found).items():
        changes["extendedProperties"] = {"private": ours}
    return {**changes, **room_missing(event, found)}


def room_missing(event: Event, found: dict[str, Any]) -> dict[str, Any]:
    """The patch that requests a room; empty if there is one, or one is pending."""
    request = (found.get("conferenceData") or {}).get("createRequest") or {}
    is_pending = (request.get("status") or {}).get("statusCode") == "pending"
    if _meet_url(found) or (is_pending and not _is_overdue(found)):
        return {}
    number = str(request.get("requestId", "")).rpartition("-")[2]
    following = int(number) + 1 if number.isdecimal() else 1
    return {"conferenceData": _conference(event.uid, following)}


def _is_overdue(found: dict[str, Any]) -> bool:
    changed = found.get("updated")
    return bool(changed) and datetime.now(UTC) - moment_of(str(changed)) > PATIENCE


def _meet_url(found: dict[str, Any]) -> str:
    """The video address that Google returned; empty while there is none."""
    for entry in (found.get("conferenceData") or {}).get("entryPoints") or []:
        if entry.get("entryPointType") == "video" and entry.get("uri"):
            return str(entry["uri"])
    return str(found.get("hangoutLink") or "")


def link_of(found: dict[str, Any]) -> Link:
    url = _meet_url(found)
    return Link(url, RoomProvider.GOOGLE_MEET, str(found["id"]), ask_again=None if url else POLL)
