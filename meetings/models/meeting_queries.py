from datetime import datetime

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from meetings.domain.policy import ACTIVE, Status
from meetings.models.busy_cell import BusyCell

STATUS_CHOICES = [
    (Status.SCHEDULED.value, _("scheduled")),
    (Status.IN_PROGRESS.value, _("in progress")),
    (Status.COMPLETED.value, _("completed")),
    (Status.CANCELLED.value, _("cancelled")),
]


class MeetingQuerySet(models.QuerySet["Meeting"]):  # type: ignore[name-defined]
    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete them, and free their cells."""
        with transaction.atomic():
            ids = list(self.order_by().values_list("pk", flat=True))
            # Lock the meetings first, as their own changes do, against deadlocks.
            rows = type(self)(self.model).filter(pk__in=ids).order_by("pk").select_for_update()
            ids = list(rows.values_list("pk", flat=True))
            owners = BusyCell.objects.filter(owner_kind=BusyCell.OwnerKind.MEETING)
            owners.filter(owner_id__in=ids).delete()
            return super().delete()

    def of(self, person: User) -> "MeetingQuerySet":
        """Those that the person takes part in, with their people."""
        mine = Q(mentor=person) | Q(learner=person)
        return self.filter(mine).select_related("mentor", "learner")

    def with_event(self) -> "MeetingQuerySet":
        """With their people and their calendar events."""
        return self.select_related("mentor", "learner", "calendar_event")

    def with_rules(self) -> "MeetingQuerySet":
        """With everything that rescheduling needs: people, their calendar connections, and the
        session type with the mentor's rules."""
        return self.select_related(
            "calendar_event",
            "mentor__mentor_profile",
            "mentor__booking_rules",
            "mentor__calendar_connection",
            "learner__mentor_profile",
            "learner__calendar_connection",
            "session_type",
        )

    def active(self) -> "MeetingQuerySet":
        """Those that are scheduled or in progress."""
        return self.filter(status__in=ACTIVE)

    def upcoming(self, now: datetime) -> "MeetingQuerySet":
        """Active ones that are not over, soonest first."""
        return self.active().filter(ends_at__gt=now).order_by("scheduled_at", "id")

    def past(self, now: datetime) -> "MeetingQuerySet":
        """Those that are over, completed or cancelled."""
        return self.exclude(status__in=ACTIVE, ends_at__gt=now)

    def unanswered(self, now: datetime) -> "MeetingQuerySet":
        """Scheduled ones that are over and that nobody joined, latest first."""
        return self.filter(status=Status.SCHEDULED, ends_at__lte=now).order_by(
            "-scheduled_at", "id"
        )

    def overdue(self, now: datetime) -> "MeetingQuerySet":
        """Those in progress that are over."""
        return self.filter(status=Status.IN_PROGRESS, ends_at__lte=now)

    def closed(self) -> "MeetingQuerySet":
        """Completed and cancelled ones, latest first."""
        over = (Status.COMPLETED, Status.CANCELLED)
        return self.filter(status__in=over).order_by("-scheduled_at", "id")

    def unrated(self) -> "MeetingQuerySet":
        """Completed ones whose learner has not rated yet."""
        return self.filter(status=Status.COMPLETED, rating__isnull=True)

    def reviews_of(self, mentor: User) -> "MeetingQuerySet":
        """Rated ones of the mentor, latest first, with their learners."""
        rated = self.filter(mentor=mentor, rating__isnull=False)
        return rated.select_related("learner").order_by("-scheduled_at", "id")
