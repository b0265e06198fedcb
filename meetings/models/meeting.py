import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.text import validate_line, validate_text
from meetings.domain import policy
from meetings.domain.errors import SlotTaken, WrongStatus
from meetings.domain.grid import Interval, PersonCell, cells_of
from meetings.domain.policy import ACTIVE, REASON_LIMIT, SUBJECT_LIMIT, TEXT_LIMIT, Change, Status
from meetings.integrations.calendar import event_is_behind
from meetings.models.busy_cell import BusyCell
from meetings.models.calendar_event import ROOM_CHOICES, CalendarEvent
from meetings.models.event_log import MeetingEvent
from meetings.models.meeting_queries import STATUS_CHOICES, MeetingQuerySet
from meetings.models.session_type import DURATION_CHOICES, SessionType


class Meeting(models.Model):
    """A meeting of one learner and one mentor.

    save() of a new one, move(), cancel(), edit(), start() and finish() keep the invariants: each is
    one transaction with its busy cells, calendar event and history, and the calendar is updated
    after the commit. Each but save() is a compare-and-set: after a concurrent change it raises
    WrongStatus and changes nothing. After any other error, read the object again. Permissions and
    notifications are the business of meetings.booking.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="meetings_as_mentor",
        verbose_name=_("mentor"),
    )
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="meetings_as_learner",
        verbose_name=_("learner"),
    )
    session_type = models.ForeignKey(
        SessionType,
        on_delete=models.SET_NULL,
        null=True,
        related_name="meetings",
        verbose_name=_("session type"),
    )
    subject = models.CharField(_("subject"), max_length=SUBJECT_LIMIT, validators=[validate_line])
    description = models.TextField(
        _("description"), max_length=TEXT_LIMIT, blank=True, validators=[validate_text]
    )
    scheduled_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"), editable=False)
    duration = models.PositiveSmallIntegerField(_("duration"), choices=DURATION_CHOICES)
    # The gaps of the session type when it was booked.
    gap_before = models.PositiveSmallIntegerField(_("gap before it"), default=0, editable=False)
    gap_after = models.PositiveSmallIntegerField(_("gap after it"), default=0, editable=False)
    status = models.CharField(
        _("status"), max_length=12, choices=STATUS_CHOICES, default=Status.SCHEDULED
    )
    meeting_link = models.URLField(_("room"), max_length=500, blank=True, editable=False)
    link_provider = models.CharField(
        _("room by"), max_length=20, choices=ROOM_CHOICES, blank=True, editable=False
    )
    notes = models.TextField(
        _("notes"), max_length=TEXT_LIMIT, blank=True, validators=[validate_text]
    )
    notes_revision = models.PositiveIntegerField(default=0, editable=False)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)
    feedback = models.TextField(
        _("feedback"), max_length=TEXT_LIMIT, blank=True, validators=[validate_text]
    )
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cancelled by"),
    )
    cancel_reason = models.TextField(
        _("reason"), max_length=REASON_LIMIT, blank=True, validators=[validate_text]
    )
    join_token = models.CharField(
        max_length=43, unique=True, default=secrets.token_urlsafe, editable=False
    )
    # Derived from the booking form, so that a form that is sent twice books once.
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    # Counts the changes, for the compare-and-set.
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = MeetingQuerySet.as_manager()

    # How much of the time that a page may wait for calendars is used up.
    waited = timedelta()
    # The event to store with a new meeting; without one, its calendar is chosen later.
    planned_event: CalendarEvent | None = None

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ("-scheduled_at", "id")
        indexes = (
            models.Index(fields=["mentor", "status", "scheduled_at"], name="meeting_mentor"),
            models.Index(fields=["learner", "status", "scheduled_at"], name="meeting_learner"),
            models.Index(fields=["status", "ends_at"], name="meeting_status_ends"),
            models.Index(fields=["scheduled_at"], name="meeting_scheduled"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(mentor=F("learner")), name="meeting_needs_two_people"
            ),
            models.CheckConstraint(
                condition=Q(duration__in=policy.DURATIONS), name="meeting_duration_is_offered"
            ),
            models.CheckConstraint(
                condition=Q(scheduled_at__lt=F("ends_at")), name="meeting_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in Status]),
                name="meeting_status_is_known",
            ),
            models.CheckConstraint(condition=~Q(subject=""), name="meeting_has_a_subject"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True)
                | Q(rating__gte=1, rating__lte=5, status=Status.COMPLETED.value),
                name="meeting_rating_of_a_completed_one",
            ),
        )

    def __str__(self) -> str:
        return self.subject

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new meeting with its busy cells, if it is active, and its calendar event. Raises
        SlotTaken, and stores nothing, if either person is busy then."""
        if not self._state.adding:
            super().save(*args, **kwargs)
            return
        self.ends_at = self.scheduled_at + timedelta(minutes=self.duration)
        try:
            with transaction.atomic():
                super().save(*args, **kwargs)
                if self.is_active:
                    BusyCell.objects.take(BusyCell.OwnerKind.MEETING, self.pk, self.cells())
                self._store_event()
                known = {"scheduled_at": self.scheduled_at, "status": self.status}
                MeetingEvent.objects.log(
                    self, Change.BOOKED, by=self.learner_id, at=self.created_at, after=known
                )
        except SlotTaken:
            # It was not stored: saving it again, at another time, must take cells again.
            self._state.adding = True
            raise

    def get_absolute_url(self) -> str:
        return reverse("meetings:meeting", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete it, and free its cells."""
        return type(self).objects.filter(pk=self.pk).delete()

    @property
    def join_path(self) -> str:
        """The one permanent address to join at."""
        return reverse("meetings:join", args=[self.join_token])

    @property
    def span(self) -> Interval:
        return Interval(self.scheduled_at, self.ends_at)

    @property
    def joinable_from(self) -> datetime:
        return self.scheduled_at - policy.JOIN_LEAD

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def calendar_uid(self) -> str:
        """The event's id in any calendar: the meeting's own."""
        return uuid.UUID(str(self.pk)).hex

    def has_participant(self, person: User) -> bool:
        return person.pk in (self.mentor_id, self.learner_id)

    def other(self, person: User) -> User:
        """The participant whom the person meets."""
        return self.learner if person.pk == self.mentor_id else self.mentor

    def cells(self) -> set[PersonCell]:
        """The busy cells that an active meeting takes: both people's for its time, and the
        mentor's for the gaps too."""
        gapped = Interval(
            self.scheduled_at - timedelta(minutes=self.gap_before),
            self.ends_at + timedelta(minutes=self.gap_after),
        )
        mentors = {(self.mentor_id, cell) for cell in cells_of(gapped)}
        return mentors | {(self.learner_id, cell) for cell in cells_of(self.span)}

    def move(self, to: datetime, *, by: User | None, now: datetime, **room: str) -> None:
        """Move it to start at `to`, and free its old time. room: meeting_link and link_provider if
        they change. Raises SlotTaken, and changes nothing, if either person is busy then."""
        before = self.cells()
        changed: dict[str, Any] = {
            "scheduled_at": to,
            "ends_at": to + timedelta(minutes=self.duration),
            **room,
        }
        was = {name: getattr(self, name) for name in (*changed, "revision", "updated_at")}
        try:
            with transaction.atomic():
                self._change(Change.MOVED, by=by, now=now, **changed)
                after, owner = self.cells(), (BusyCell.OwnerKind.MEETING, self.pk)
                BusyCell.objects.take(*owner, after - before)
                BusyCell.objects.release(*owner, before - after)
                self._change_event(now)
        except SlotTaken:
            vars(self).update(was)
            raise

    def cancel(self, *, by: User | None, reason: str = "", now: datetime) -> None:
        """Cancel it, and free its time."""
        values: dict[str, Any] = {"status": Status.CANCELLED, "cancelled_by": by}
        values["cancel_reason"] = reason
        if self.calendar_event.follows_by_itself:
            values |= {"meeting_link": "", "link_provider": ""}
        with transaction.atomic():
            self._change(Change.CANCELLED, by=by, now=now, **values)
            BusyCell.objects.release(BusyCell.OwnerKind.MEETING, self.pk)
            self._change_event(now)

    def edit(self, *, by: User, now: datetime, **texts: str) -> None:
        """Change subject or description, and the room as move() does."""
        with transaction.atomic():
            self._change(Change.EDITED, by=by, now=now, **texts)
            self._change_event(now)

    def start(self, *, by: User, now: datetime) -> None:
        """Set the status to in progress, because somebody has joined."""
        with transaction.atomic():
            self._change(Change.STARTED, by=by, now=now, status=Status.IN_PROGRESS)

    def finish(self, *, by: User | None, now: datetime) -> None:
        """Set the status to completed. Its cells stay taken until they are past."""
        with transaction.atomic():
            self._change(
                Change.COMPLETED, by=by, now=now, seen=self.status, status=Status.COMPLETED
            )

    def _change(
        self,
        change: Change,
        *,
        by: User | None,
        now: datetime,
        seen: str = Status.SCHEDULED,
        **values: Any,
    ) -> None:
        """Compare and set: of two concurrent changes one succeeds, the other raises WrongStatus."""
        values["updated_at"] = timezone.now()
        as_seen = type(self).objects.filter(pk=self.pk, status=seen, revision=self.revision)
        if not as_seen.update(**values, revision=F("revision") + 1):
            raise WrongStatus
        before = {name: getattr(self, name) for name in values}
        self.revision += 1
        for name, value in values.items():
            setattr(self, name, value)
        MeetingEvent.objects.log(
            self, change, by=by.pk if by else None, at=now, before=before, after=values
        )

    def _store_event(self) -> None:
        now = timezone.now() if self.is_active else None
        event = self.planned_event or CalendarEvent(sequence=int(self.is_active), due_at=now)
        event.meeting = self
        event.save(force_insert=True)
        self._tell_calendar()

    def _change_event(self, now: datetime) -> None:
        self.calendar_event.follow_change(now)
        self._tell_calendar()

    def _tell_calendar(self) -> None:
        if self.calendar_event.is_behind:
            transaction.on_commit(lambda: event_is_behind(self), robust=True)
