"""The content of a meeting's .ics file."""

from email.utils import parseaddr

from django.conf import settings

from accounts.models import User
from accounts.text import as_line, as_text
from meetings.domain.policy import Status
from meetings.integrations.calendar import Person
from meetings.integrations.ics import Invitation
from meetings.models import Meeting


def invitation_to(meeting: Meeting, guest: User | None = None) -> Invitation:
    """With a guest, the file invites them or cancels the invitation; else it only publishes."""
    return Invitation(
        uid=f"{meeting.calendar_uid}@{settings.SITE_HOST}",
        sequence=meeting.calendar_event.version,
        summary=as_line(meeting.subject),
        description=as_text(meeting.description),
        start=meeting.scheduled_at,
        end=meeting.ends_at,
        url=f"{settings.SITE_URL}{meeting.join_path}",
        organizer=Person(settings.SITE_NAME, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        changed_at=meeting.updated_at,
        is_cancelled=meeting.status == Status.CANCELLED,
        attendee=Person(as_line(guest.name), guest.email) if guest else None,
    )
