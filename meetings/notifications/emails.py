"""The mail of a notification, for its recipient's language and clock."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.text import as_line, as_text
from accounts.viewer_locale import ViewerLocale
from meetings.domain.reminders import LAST_REMINDER, REMINDERS, Kind
from meetings.integrations.ics import to_ics
from meetings.integrations.mail import Attachment, Mail
from meetings.models import Meeting, Notification
from meetings.models.notification import MAIL_CHOICES
from meetings.notifications.invitation import invitation_to
from meetings.notifications.local_time import LocalTimeRange
from meetings.notifications.unsubscribe import unsubscribe_url

SUBJECTS = {
    Kind.BOOKED: gettext_lazy("Booked: %(subject)s, %(when)s"),
    Kind.RESCHEDULED: gettext_lazy("Moved: %(subject)s, now %(when)s"),
    Kind.CANCELLED: gettext_lazy("Cancelled: %(subject)s, %(when)s"),
    Kind.REMINDER_24H: gettext_lazy("Reminder: %(subject)s, %(when)s"),
    Kind.REMINDER_1H: gettext_lazy("Starting soon: %(subject)s, %(when)s"),
    Kind.RATING_REQUEST: gettext_lazy("How was it? %(subject)s"),
}
# The kinds with an .ics file, with which a calendar adds, changes or removes the event.
INVITING = (Kind.BOOKED, Kind.RESCHEDULED, Kind.CANCELLED)
# Characters of a meeting's subject in the Subject header.
SUBJECT_SHOWN = 90


@dataclass(frozen=True)
class NotificationEmail:
    """What the templates of any mail show. notification comes with its people."""

    notification: Notification

    @property
    def recipient(self) -> User:
        return self.notification.recipient

    @property
    def kind(self) -> Kind:
        return Kind(self.notification.kind)

    @property
    def name(self) -> str:
        """What to call the reader."""
        return as_line(self.recipient.short_name)

    @property
    def settings_url(self) -> str:
        return page("accounts:settings")

    @cached_property
    def unsubscribe_url(self) -> str:
        """Where the reader turns off mails of this sort; empty for those that always go."""
        choice = MAIL_CHOICES.get(self.kind)
        return unsubscribe_url(self.recipient, choice) if choice else ""

    @property
    def subject_line(self) -> str:
        return _("Your Google Calendar is no longer connected")

    @property
    def calendar(self) -> Attachment | None:
        return None

    def mail(self) -> Mail:
        """The mail, in the recipient's language and on their clock."""
        template = "reminder" if self.kind in REMINDERS else self.kind.value
        context = {"email": self, "site_name": settings.SITE_NAME, "site": settings.SITE_URL}
        with ViewerLocale.person(self.recipient).activate():
            return Mail(
                to=self.recipient.email,
                subject=self.subject_line,
                text=render_to_string(f"emails/{template}.txt", context),
                html=render_to_string(f"emails/{template}.html", context),
                message_id=self.notification.message_id,
                headers=self._headers(),
                calendar=self.calendar,
            )

    def _headers(self) -> dict[str, str]:
        """Headers against automatic replies (RFC 3834) and for one-click unsubscribe (RFC 8058)."""
        headers = {"Auto-Submitted": "auto-generated"}
        if self.unsubscribe_url:
            headers["List-Unsubscribe"] = f"<{self.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers


@dataclass(frozen=True)
class MeetingEmail(NotificationEmail):
    """The mail of a notification about a meeting."""

    meeting: Meeting

    @property
    def subject(self) -> str:
        """What the meeting is about."""
        return as_line(self.meeting.subject)

    @property
    def description(self) -> str:
        return as_text(self.meeting.description)

    @property
    def other(self) -> str:
        """The name of the participant whom the reader meets."""
        return as_line(self.meeting.other(self.recipient).name)

    @property
    def is_learner(self) -> bool:
        return self.meeting.learner_id == self.recipient.pk

    @property
    def is_close(self) -> bool:
        """Whether it is the last reminder."""
        return self.kind == LAST_REMINDER

    @cached_property
    def when(self) -> LocalTimeRange:
        """The meeting's time on the reader's clock."""
        return LocalTimeRange(self.meeting.scheduled_at, self.meeting.ends_at, self.recipient.zone)

    @property
    def when_there(self) -> LocalTimeRange | None:
        """The same on the other's clock; None if that shows the same time."""
        return self.when.elsewhere(self.meeting.other(self.recipient).zone)

    @property
    def was(self) -> LocalTimeRange | None:
        """The time before a move, on the reader's clock; None without a move."""
        start = self.notification.was_at
        if start is None:
            return None
        length = timedelta(minutes=self.meeting.duration)
        return LocalTimeRange(start, start + length, self.recipient.zone)

    @property
    def cancelled_by(self) -> str:
        """Who cancelled it, as a sentence."""
        who = self.meeting.cancelled_by_id
        if who is None:
            return _("It was cancelled because one of the two accounts was closed.")
        if who == self.recipient.pk:
            return _("You cancelled it.")
        if who == self.meeting.other(self.recipient).pk:
            return _("%(name)s cancelled it.") % {"name": self.other}
        return _("The team of %(site)s cancelled it.") % {"site": settings.SITE_NAME}

    @property
    def reason(self) -> str:
        return as_text(self.meeting.cancel_reason)

    @property
    def join_url(self) -> str:
        return f"{settings.SITE_URL}{self.meeting.join_path}"

    @property
    def meeting_url(self) -> str:
        return page("meetings:meeting", self.meeting.pk)

    @property
    def reschedule_url(self) -> str:
        return page("meetings:reschedule", self.meeting.pk)

    @property
    def cancel_url(self) -> str:
        return page("meetings:cancel", self.meeting.pk)

    @property
    def rate_url(self) -> str:
        return page("meetings:rate", self.meeting.pk)

    @property
    def book_url(self) -> str:
        """Where the learner books the same mentor again."""
        return page("meetings:book", self.meeting.mentor_id)

    @property
    def subject_line(self) -> str:
        return str(SUBJECTS[self.kind]) % {
            "subject": Truncator(self.subject).chars(SUBJECT_SHOWN),
            "when": self.when.short,
        }

    @property
    def calendar(self) -> Attachment | None:
        """The .ics file; None if the event's calendar sends the invitation itself."""
        if self.kind not in INVITING:
            return None
        home = self.meeting.calendar_event.home
        if home is not None and not home.is_local:
            return None
        invitation = invitation_to(self.meeting, self.recipient)
        return Attachment(to_ics(invitation), invitation.method)


def email_for(notification: Notification) -> NotificationEmail:
    """The mail of the notification."""
    if notification.meeting is None:
        return NotificationEmail(notification)
    return MeetingEmail(notification, notification.meeting)


def page(name: str, *args: object) -> str:
    """The absolute URL of a page."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}"
