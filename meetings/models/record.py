import secrets
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import MentorProfile, User
from accounts.models.mentor import DURATION_CHOICES
from accounts.text import validate_line, validate_text
from meetings.domain import policy
from meetings.domain.grid import Interval
from meetings.domain.policy import ACTIVE, SUBJECT_LIMIT, TEXT_LIMIT
from meetings.models.busy import Place, places_for
from meetings.models.calendar import CalendarEntry
from meetings.models.home import home_for
from meetings.models.queries import MeetingQuerySet
from meetings.services.calendar import Event, Person


class MeetingRecord(CalendarEntry):
    """What is stored of a meeting, and what follows from it alone."""

    class Status(models.TextChoices):
        SCHEDULED = policy.Status.SCHEDULED.value, _("scheduled")
        IN_PROGRESS = policy.Status.IN_PROGRESS.value, _("in progress")
        COMPLETED = policy.Status.COMPLETED.value, _("completed")
        CANCELLED = policy.Status.CANCELLED.value, _("cancelled")

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
    subject = models.CharField(_("subject"), max_length=SUBJECT_LIMIT, validators=[validate_line])
    description = models.TextField(
        _("description"), max_length=TEXT_LIMIT, blank=True, validators=[validate_text]
    )
    scheduled_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"), editable=False)
    duration = models.PositiveSmallIntegerField(_("duration"), choices=DURATION_CHOICES)
    gap = models.PositiveSmallIntegerField(_("gap after it"), default=0, editable=False)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.SCHEDULED
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
        _("reason"), max_length=1_000, blank=True, validators=[validate_text]
    )
    join_token = models.CharField(
        max_length=43, unique=True, default=secrets.token_urlsafe, editable=False
    )
    # Follows from the form that booked it, so that a form sent twice books once.
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    # Counts the changes of status and time: each verb changes only what it has seen.
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = MeetingQuerySet.as_manager()

    if TYPE_CHECKING:
        mentor_id: uuid.UUID
        learner_id: uuid.UUID
        cancelled_by_id: uuid.UUID | None

        def get_status_display(self) -> str: ...

    class Meta:
        abstract = True
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
                condition=Q(status__in=[each.value for each in policy.Status]),
                name="meeting_status_is_known",
            ),
            models.CheckConstraint(condition=~Q(subject=""), name="meeting_has_a_subject"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True)
                | Q(rating__gte=1, rating__lte=5, status=policy.Status.COMPLETED.value),
                name="meeting_rating_of_a_completed_one",
            ),
            models.CheckConstraint(
                condition=Q(calendar_synced__lte=F("calendar_revision")),
                name="meeting_calendar_not_ahead",
            ),
        )

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("meetings:meeting", args=[self.pk])

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

    def has_participant(self, person: User) -> bool:
        return person.pk in (self.mentor_id, self.learner_id)

    def other(self, person: User) -> User:
        """Whom the person meets."""
        return self.learner if person.pk == self.mentor_id else self.mentor

    def places(self) -> set[Place]:
        """The busy cells that the meeting takes while it is active."""
        return places_for(self.mentor_id, self.learner_id, self.span, timedelta(minutes=self.gap))

    def choose_home(self) -> str:
        return home_for(self.mentor)

    def calendar_people(self) -> list[uuid.UUID]:
        return [self.mentor_id, self.learner_id]

    def calendar_event(self) -> Event | None:
        if self.status == policy.Status.CANCELLED:
            return None
        profile = MentorProfile.objects.filter(pk=self.mentor_id).first()
        return Event(
            uid=self.calendar_uid,
            sequence=max(self.calendar_revision - 1, 0),
            summary=self.subject,
            description=self.description,
            start=self.scheduled_at,
            end=self.ends_at,
            organizer=Person(self.mentor.name, self.mentor.email),
            attendees=[Person(each.name, each.email) for each in (self.mentor, self.learner)],
            room_url=profile.room_url if profile else "",
            page_url=f"{settings.SITE_URL}{self.get_absolute_url()}",
            is_new=not self.meeting_id,
        )
