"""A meeting as an iCalendar file (RFC 5545)."""

from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, vCalAddress, vText, vUri
from icalendar import Event as Entry

from meetings.integrations.calendar import Person

PRODUCT_ID = "-//P2P Learn//Meetings//EN"


@dataclass(frozen=True)
class Invitation:
    """The content of the file. uid: globally unique, one per meeting, never changed. sequence rises
    with each change; changed_at: the last one. url: where to join. The organizer is the site, so
    that participants never see each other's mail address. Times are in UTC. With an attendee the
    file invites that person, or cancels the invitation; without, it only publishes the event."""

    uid: str
    sequence: int
    summary: str
    description: str
    start: datetime
    end: datetime
    url: str
    organizer: Person
    changed_at: datetime
    is_cancelled: bool
    attendee: Person | None = None

    @property
    def method(self) -> str:
        """What a calendar should do with the file (RFC 5546, section 1.4)."""
        if self.is_cancelled:
            return "CANCEL"
        return "REQUEST" if self.attendee else "PUBLISH"


def to_ics(invitation: Invitation) -> bytes:
    """The file: one VEVENT, which a calendar adds, changes or, when it is cancelled, removes."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    calendar.add("method", invitation.method)
    entry = Entry()
    entry.add("uid", invitation.uid)
    entry.add("sequence", invitation.sequence)
    entry.add("dtstamp", invitation.changed_at)
    entry.add("last-modified", invitation.changed_at)
    entry.add("dtstart", invitation.start)
    entry.add("dtend", invitation.end)
    entry.add("summary", invitation.summary)
    entry.add("status", "CANCELLED" if invitation.is_cancelled else "CONFIRMED")
    entry.add("description", f"{invitation.description}\n\n{invitation.url}".strip())
    entry.add("url", vUri(invitation.url))
    entry.add("location", vText(invitation.url))
    entry.add("organizer", _address(invitation.organizer))
    if invitation.attendee:
        guest = _address(invitation.attendee)
        # Both have already agreed, by booking and by offering the time; no reply is expected.
        guest.params.update(ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED", RSVP="FALSE")
        entry.add("attendee", guest)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    address.params["CN"] = vText(person.name)
    return address
