from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from meetings.domain import policy
from meetings.domain.policy import ACTIVE
from meetings.models.calendar import CalendarQuerySet
from meetings.models.notifying import ask_how_it_was


class MeetingQuerySet(CalendarQuerySet):
    def of(self, person: User) -> "MeetingQuerySet":
        """Those that the person takes part in, with their people."""
        mine = Q(mentor=person) | Q(learner=person)
        return self.filter(mine).select_related("mentor", "learner")

    def active(self) -> "MeetingQuerySet":
        """Those that are to take place or are taking place."""
        return self.filter(status__in=ACTIVE)

    def upcoming(self, now: datetime) -> "MeetingQuerySet":
        """Active ones that are not over, soonest first."""
        return self.active().filter(ends_at__gt=now).order_by("scheduled_at", "id")

    def past(self, now: datetime) -> "MeetingQuerySet":
        """Those that are over or called off."""
        return self.exclude(status__in=ACTIVE, ends_at__gt=now)

    def unanswered(self, now: datetime) -> "MeetingQuerySet":
        """Scheduled ones that are over and that nobody joined: did they take place?"""
        return self.filter(status=policy.Status.SCHEDULED, ends_at__lte=now).order_by(
            "-scheduled_at", "id"
        )

    def closed(self) -> "MeetingQuerySet":
        """Completed and cancelled ones, latest first."""
        over = (policy.Status.COMPLETED, policy.Status.CANCELLED)
        return self.filter(status__in=over).order_by("-scheduled_at", "id")

    def unrated(self) -> "MeetingQuerySet":
        """Completed ones whose learner has not rated yet."""
        return self.filter(status=policy.Status.COMPLETED, rating__isnull=True)

    def reviews_of(self, mentor: User) -> "MeetingQuerySet":
        """Rated ones of the mentor, latest first, with their learners."""
        rated = self.filter(mentor=mentor, rating__isnull=False)
        return rated.select_related("learner").order_by("-scheduled_at", "id")

    def complete_overdue(self, now: datetime) -> int:
        """Complete those in progress that are over, and ask how they were; returns how many."""
        over = self.filter(status=policy.Status.IN_PROGRESS, ends_at__lte=now)
        completed = 0
        for meeting in over:
            with transaction.atomic():
                if over.filter(pk=meeting.pk).update(
                    status=policy.Status.COMPLETED, revision=F("revision") + 1, updated_at=now
                ):
                    ask_how_it_was(meeting, now)
                    completed += 1
        return completed
