import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import CalendarConnection, User
from meetings.domain import reminders
from meetings.domain.reminders import Kind
from meetings.models.claims import ClaimQuerySet, Due, DueQuerySet

# Sent and dropped ones that are older than this are deleted.
KEPT = timedelta(days=180)
KIND_CHOICES = [
    (Kind.BOOKED.value, _("booked")),
    (Kind.RESCHEDULED.value, _("rescheduled")),
    (Kind.CANCELLED.value, _("cancelled")),
    (Kind.REMINDER_24H.value, _("reminder 24 h before")),
    (Kind.REMINDER_1H.value, _("reminder 1 h before")),
    (Kind.RATING_REQUEST.value, _("how was it?")),
    (Kind.CONNECTION_LOST.value, _("calendar connection lost")),
]


class NotificationQuerySet(DueQuerySet):
    def shown_to(self, person: User, now: datetime) -> "NotificationQuerySet":
        """Those that the person's bell shows, latest first."""
        mine = self.filter(recipient=person, visible_at__lte=now)
        return mine.order_by("-visible_at", "-created_at", "id")

    def with_people(self) -> "NotificationQuerySet":
        """With the recipient, the meeting and its people."""
        return self.select_related("recipient", "meeting__mentor", "meeting__learner")

    def waiting(self) -> "NotificationQuerySet":
        """Those whose mail has not been sent yet."""
        return self.filter(mail_state=Notification.MailState.WAITING)

    def claim(self, now: datetime, **also: Any) -> datetime | None:
        """As in ClaimQuerySet. due_at stays as it is, so that a late mail can be recognised."""
        return ClaimQuerySet.claim(self, now, **also)

    def due(self, now: datetime) -> "NotificationQuerySet":
        """Unclaimed ones whose mail is due, the longest due first."""
        return super().due(now).waiting()

    def mark_read(self, now: datetime) -> int:
        """Mark them as read; returns how many were unread."""
        return self.filter(read_at__isnull=True).update(read_at=now)

    def drop(self, reason: str) -> None:
        """Drop the mails that wait; one that is being sent at this moment is still sent."""
        self.waiting().update(mail_state=Notification.MailState.DROPPED, error=reason)

    def send_again(self, now: datetime) -> int:
        """Make the mails due now that failed or wait for their next try; returns how many."""
        states = Notification.MailState
        again = Q(mail_state=states.FAILED) | Q(mail_state=states.WAITING, tries__gt=0)
        return self.filter(again).update(mail_state=states.WAITING, due_at=now, tries=0)

    def purge(self, now: datetime) -> int:
        """Delete sent and dropped ones that are older than KEPT; returns how many."""
        states = Notification.MailState
        over = (states.SENT, states.DROPPED)
        return self.filter(visible_at__lt=now - KEPT, mail_state__in=over).delete()[0]


class Notification(Due):
    """One notification of one person: in the bell from visible_at on, and by one mail.

    It is written in the transaction of the change that it reports.
    """

    class MailState(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("not sent, no longer wanted")
        FAILED = "failed", _("failed, set aside")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notifications",
        verbose_name=_("recipient"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=KIND_CHOICES)
    meeting = models.ForeignKey(
        "meetings.Meeting",
        on_delete=models.CASCADE,
        null=True,
        related_name="notifications",
        verbose_name=_("meeting"),
    )
    # The meeting's revision, so that the unique constraint prevents duplicates; for a lost
    # connection, the number of those so far.
    revision = models.PositiveIntegerField(_("revision"))
    # The start that it reports, and the start before a move.
    starts_at = models.DateTimeField(_("tells of the start"), null=True)
    was_at = models.DateTimeField(_("start before"), null=True)
    # From when on the bell shows it.
    visible_at = models.DateTimeField(_("shown from"))
    read_at = models.DateTimeField(_("read"), null=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    mail_state = models.CharField(
        _("mail"), max_length=8, choices=MailState.choices, default=MailState.WAITING
    )
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = NotificationQuerySet.as_manager()

    if TYPE_CHECKING:
        recipient_id: uuid.UUID
        meeting_id: uuid.UUID | None

        def get_kind_display(self) -> str: ...
        def get_mail_state_display(self) -> str: ...

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-visible_at", "id")
        indexes = (
            models.Index(fields=["recipient", "visible_at"], name="notification_recipient_seen"),
            models.Index(fields=["mail_state", "due_at"], name="notification_mail_due"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["recipient", "kind", "meeting", "revision"], name="notification_once"
            ),
            models.CheckConstraint(
                condition=Q(meeting__isnull=False) | Q(kind=Kind.CONNECTION_LOST.value),
                name="notification_has_a_meeting",
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def message_id(self) -> str:
        """The mail's Message-ID, always the same, so that a mail sent twice is recognised."""
        return f"<{uuid.UUID(str(self.pk)).hex}@{settings.SITE_HOST}>"

    @property
    def is_unread(self) -> bool:
        return self.read_at is None

    @property
    def is_reminder(self) -> bool:
        return self.kind in reminders.REMINDERS

    @property
    def other(self) -> User | None:
        """The participant whom the recipient meets; None without a meeting."""
        return self.meeting.other(self.recipient) if self.meeting else None

    def reason_to_drop(self, now: datetime) -> str:
        """Why the mail should not be sent any more; empty if it should be sent."""
        kind, person, meeting = Kind(self.kind), self.recipient, self.meeting
        if not person.is_active:
            return "the person has left"
        if kind in MAIL_CHOICES and not person.wants_mail(MAIL_CHOICES[kind]):
            return "the person does not want it"
        if meeting is None:
            is_lost = CalendarConnection.objects.broken().filter(user=person).exists()
            return "" if is_lost else "the calendar is connected again, or given up"
        holds = reminders.is_still_relevant(
            kind,
            self.starts_at,
            status=meeting.status,
            span=(meeting.scheduled_at, meeting.ends_at),
            is_rated=meeting.rating is not None,
            now=now,
        )
        return "" if holds else "the meeting has changed or begun"


# The person's choice that a kind of mail depends on; other kinds are always sent.
MAIL_CHOICES = {
    **dict.fromkeys(reminders.REMINDERS, User.MailChoice.REMINDERS),
    Kind.RATING_REQUEST: User.MailChoice.BELL,
    Kind.CONNECTION_LOST: User.MailChoice.BELL,
}
