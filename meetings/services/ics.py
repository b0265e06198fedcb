"""A meeting as an iCalendar file (RFC 5545)."""

from datetime import datetime

from icalendar import Calendar, vCalAddress, vText, vUri
from icalendar import Event as Entry

from meetings.services.calendar import Event, Person

PRODUCT_ID = "-//P2P Learn//Meetings//EN"


def invitation(event: Event, *, host: str, url: str, stamp: datetime, is_cancelled: bool) -> bytes:
    """One VEVENT with a stable UID and DTSTART in UTC, to download.

    host makes the UID unique in the world; url is where to join; stamp is when the meeting last
    changed, in UTC.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    entry = Entry()
    entry.add("uid", f"{event.uid}@{host}")
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", stamp)
    entry.add("last-modified", stamp)
    entry.add("dtstart", event.start)
    entry.add("dtend", event.end)
    entry.add("summary", event.summary)
    entry.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    entry.add("description", f"{event.description}\n\n{url}".strip())
    entry.add("url", vUri(url))
    entry.add("location", vText(url))
    entry.add("organizer", _address(event.organizer))
    for person in event.attendees:
        entry.add("attendee", _address(person))
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    address.params["CN"] = vText(person.name)
    return address
