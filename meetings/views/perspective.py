"""A meeting as one of its participants sees it now: whom they meet and what they can do."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.domain.policy import Status
from meetings.models import Meeting

BADGES = {
    Status.SCHEDULED: ("accent", "calendar-check"),
    Status.IN_PROGRESS: ("success", "camera-video"),
    Status.COMPLETED: ("neutral", "check-circle"),
    Status.CANCELLED: ("danger", "x-circle"),
}


@dataclass(frozen=True)
class Perspective:
    """meeting, with its people, for viewer, who takes part, at now, which is aware."""

    meeting: Meeting
    viewer: User
    now: datetime

    @property
    def other(self) -> User:
        return self.meeting.other(self.viewer)

    @property
    def is_mentor(self) -> bool:
        return self.viewer.pk == self.meeting.mentor_id

    @property
    def other_role(self) -> str:
        return _("learner") if self.is_mentor else _("mentor")

    @property
    def badge_kind(self) -> str:
        return BADGES[Status(self.meeting.status)][0]

    @property
    def badge_icon(self) -> str:
        return BADGES[Status(self.meeting.status)][1]

    @property
    def is_upcoming(self) -> bool:
        """Whether it is still to come or going on."""
        return self.meeting.is_active and self.now < self.meeting.ends_at

    @property
    def is_join_time(self) -> bool:
        """Whether the doors are open: 10 minutes before the start until the end."""
        return self.is_upcoming and self.now >= self.meeting.joinable_from

    @property
    def can_join(self) -> bool:
        return self.is_join_time and bool(self.meeting.meeting_link)

    @property
    def can_reschedule(self) -> bool:
        return self.meeting.status == Status.SCHEDULED and self.now < self.meeting.scheduled_at

    @property
    def can_cancel(self) -> bool:
        return self.meeting.status == Status.SCHEDULED

    @property
    def can_complete(self) -> bool:
        return self.meeting.is_active and self.now >= self.meeting.scheduled_at

    @property
    def can_rate(self) -> bool:
        """Whether the learner's opinion is still wanted."""
        is_open = self.meeting.status == Status.COMPLETED and self.meeting.rating is None
        return is_open and not self.is_mentor

    @property
    def needs_answer(self) -> bool:
        """Whether it is over and nobody joined: did it take place?"""
        return self.meeting.status == Status.SCHEDULED and self.now >= self.meeting.ends_at

    @property
    def room_label(self) -> str:
        """What the room is, honestly: who gave it, and on which host."""
        host = urlsplit(self.meeting.meeting_link).hostname or ""
        provider = self.meeting.link_provider
        if provider == Meeting.RoomProvider.GOOGLE_MEET:
            return _("Google Meet")
        if provider == Meeting.RoomProvider.MENTOR_ROOM:
            return _("%(name)s's own room on %(host)s") % {
                "name": self.meeting.mentor.short_name,
                "host": host,
            }
        return _("video room on %(host)s") % {"host": host}

    @property
    def join_url(self) -> str:
        """The permanent address to join at, with the site's host."""
        return f"{settings.SITE_URL}{self.meeting.join_path}"

    @property
    def google_calendar_url(self) -> str:
        """A page of Google Calendar with the event filled in, to save there."""
        span = (self.meeting.scheduled_at, self.meeting.ends_at)
        query = {
            "action": "TEMPLATE",
            "text": _("%(subject)s with %(name)s")
            % {"subject": self.meeting.subject, "name": self.other.name},
            "dates": "/".join(f"{moment:%Y%m%dT%H%M%SZ}" for moment in span),
            "details": f"{self.meeting.description}\n\n{self.join_url}".strip(),
            "location": self.join_url,
        }
        return f"https://calendar.google.com/calendar/render?{urlencode(query)}"
