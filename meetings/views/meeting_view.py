"""A meeting as one of its participants sees it now: whom they meet and what they can do."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.domain.policy import JOIN_LEAD, Status
from meetings.integrations.calendar import RoomProvider
from meetings.integrations.ics import Invitation
from meetings.models import Meeting
from meetings.notifications.invitation import invitation_to

BADGES = {
    Status.SCHEDULED: ("scheduled", "calendar-check"),
    Status.IN_PROGRESS: ("in-progress", "camera-video"),
    Status.COMPLETED: ("neutral", "check-circle"),
    Status.CANCELLED: ("cancelled", "x-circle"),
}
# Google's page takes the text in its address, and addresses have a limit.
GOOGLE_TEXT_LIMIT = 1_000
# A page does not wait to reload for a change that is further away than this.
LONGEST_WATCH = timedelta(hours=12)


@dataclass(frozen=True)
class MeetingView:
    """meeting, fetched with its people, as viewer, a participant, sees it at now (aware)."""

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
    def other_zone(self) -> ZoneInfo | None:
        """The other person's zone, where the clock shows another time there."""
        start, zone = self.meeting.scheduled_at, self.other.zone
        here, there = start.astimezone(self.viewer.zone), start.astimezone(zone)
        return None if here.utcoffset() == there.utcoffset() else zone

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
    def is_cancelled(self) -> bool:
        return self.meeting.status == Status.CANCELLED

    @property
    def is_completed(self) -> bool:
        return self.meeting.status == Status.COMPLETED

    @property
    def is_join_time(self) -> bool:
        """Whether now is from 10 minutes before the start until the end."""
        return self.is_upcoming and self.now >= self.meeting.joinable_from

    @property
    def is_room_being_made(self) -> bool:
        return self.is_upcoming and not self.meeting.meeting_link

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
        return self.is_completed and self.meeting.rating is None and not self.is_mentor

    @property
    def needs_answer(self) -> bool:
        """Whether it is over and nobody joined: did it take place?"""
        return self.meeting.status == Status.SCHEDULED and self.now >= self.meeting.ends_at

    @property
    def renew_after(self) -> int | None:
        """Seconds until joining opens or closes; None if a page should not wait for that."""
        if not self.is_upcoming:
            return None
        change = self.meeting.ends_at if self.is_join_time else self.meeting.joinable_from
        left = change - self.now
        return math.ceil(left.total_seconds()) + 1 if left <= LONGEST_WATCH else None

    @property
    def join_lead(self) -> int:
        """How many minutes before the start joining opens."""
        return JOIN_LEAD // timedelta(minutes=1)

    @property
    def cancelled_by(self) -> str:
        """Who cancelled it, as a sentence."""
        who = self.meeting.cancelled_by_id
        if who is None:
            return _("Cancelled because one of the two accounts was closed.")
        if who == self.viewer.pk:
            return _("You cancelled this meeting.")
        if who == self.other.pk:
            return _("%(name)s cancelled this meeting.") % {"name": self.other.name}
        return _("The team of %(site)s cancelled this meeting.") % {"site": settings.SITE_NAME}

    @property
    def room_label(self) -> str:
        """What the room is: who provides it, and on which host."""
        host = urlsplit(self.meeting.meeting_link).hostname or ""
        provider = self.meeting.link_provider
        if provider == RoomProvider.GOOGLE_MEET:
            return _("Google Meet")
        if provider == RoomProvider.MENTOR_ROOM:
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
            "text": self.title,
            "dates": "/".join(f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" for moment in span),
            "details": f"{self.meeting.description[:GOOGLE_TEXT_LIMIT]}\n\n{self.join_url}".strip(),
            "location": self.join_url,
        }
        return f"https://calendar.google.com/calendar/render?{urlencode(query)}"

    @property
    def title(self) -> str:
        """The title of its event in a calendar."""
        values = {"subject": self.meeting.subject, "name": self.other.name}
        return _("%(subject)s with %(name)s") % values

    @property
    def invitation(self) -> Invitation:
        """The content of the meeting's .ics file."""
        return invitation_to(self.meeting)


def meeting_views(meetings: Iterable[Meeting], viewer: User, now: datetime) -> list[MeetingView]:
    """Each of the meetings, in their order, as viewer sees it."""
    return [MeetingView(meeting, viewer, now) for meeting in meetings]
