import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import MentorProfile, User
from meetings.domain import policy
from meetings.domain.errors import (
    BookingError,
    MentorUnavailable,
    NoRoomYet,
    OwnMentor,
    SlotTaken,
    TooManyMeetings,
    WrongStatus,
)
from meetings.domain.policy import Status
from meetings.models.attempt import attempt
from meetings.models.busy import BusyCell
from meetings.models.busy_times import freshen
from meetings.models.calendar import wait_allowed
from meetings.models.home import LOCAL
from meetings.models.next_free import refresh_next_free
from meetings.models.notifying import ask_how_it_was, tell_booked, tell_cancelled, tell_moved
from meetings.models.offer import check_offered, explain_taken
from meetings.models.writing import WrittenMeeting
from meetings.services import tally

# What part of the time that a page may wait goes to asking when people are busy elsewhere.
FRESHEN_SHARE = 0.25


class Meeting(WrittenMeeting):
    """One learner meets one mentor. Its status changes only through a verb.

    Each verb takes `by`, who does it, and raises NotAllowed unless they may, WrongStatus if the
    meeting does not allow it (any more); then nothing has changed. Doing again what is done
    already is harmless.
    """

    # What the page has waited already, of the time that it may.
    _waited = timedelta()

    class Meta(WrittenMeeting.Meta):
        abstract = False

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new active meeting takes its busy cells and, after commit, its place in the calendar.

        Raises SlotTaken, and stores nothing, if either person is busy then.
        """
        if not self._state.adding:
            super().save(*args, **kwargs)
            return
        self.ends_at = self.scheduled_at + timedelta(minutes=self.duration)
        if self.is_active:
            self.calendar_revision = 1
            self.calendar_due_at = timezone.now()
        try:
            with transaction.atomic():
                super().save(*args, **kwargs)
                if self.is_active:
                    BusyCell.objects.take(self.pk, self.places())
                    transaction.on_commit(self._after_change, robust=True)
                    tell_booked(self, timezone.now())
        except SlotTaken:
            # It is not stored, so that saving it again, at another time, must take cells again.
            self._state.adding = True
            raise

    @classmethod
    def book(
        cls,
        *,
        mentor: User,
        learner: User,
        subject: str,
        start: datetime,
        duration: int,
        description: str = "",
        form_key: uuid.UUID | None = None,
        now: datetime | None = None,
    ) -> "Meeting":
        """A new meeting of the two, from start, which is aware, for duration minutes.

        The same form_key with the same mentor and time is the same booking: its meeting comes
        back. Raises OwnMentor, MentorUnavailable, TooManyMeetings, one of the errors of
        check_offered(), or SlotTaken; ValidationError if subject or description are not fit.
        """
        now = now or timezone.now()
        what = f"{learner.pk} {mentor.pk} {start.timestamp()} {duration}"
        key = form_key and uuid.uuid5(form_key, what)
        if (done := cls._booked_with(key, learner)) is not None:
            return done
        meeting = cls(
            mentor=mentor,
            learner=learner,
            subject=subject,
            description=description,
            scheduled_at=start,
            duration=duration,
            request_key=key,
        )
        try:
            meeting._book(now)
        except (BookingError, IntegrityError):
            # What is in the way may be the same form, quicker in another process.
            if (done := cls._booked_with(key, learner)) is None:
                raise
            return done
        transaction.on_commit(lambda: tally.happened(tally.BOOKED), robust=True)
        return meeting

    def reschedule(self, *, to: datetime, by: User, now: datetime | None = None) -> None:
        """Move the meeting to start at `to`, which is aware, and free the time it had.

        Raises as the class says, one of the errors of check_offered(), or SlotTaken.
        """
        now = now or timezone.now()
        self._require_participant(by)
        if to == self.scheduled_at and self.status == Status.SCHEDULED:
            self._require_still_at(to)
            return
        policy.check_reschedule(self.status, self.scheduled_at, now)
        profile = MentorProfile.objects.select_related("user").filter(pk=self.mentor_id).first()
        if profile is None or not (profile.user.is_active and self.learner.is_active):
            raise MentorUnavailable
        people = [self.mentor_id, self.learner_id]
        self._waited = freshen(people, now=now, wait=wait_allowed() * FRESHEN_SHARE)
        check_offered(profile, self.learner, to, self.duration, now=now, moving=self.pk)
        before, was = self.places(), self.scheduled_at
        try:
            with transaction.atomic():
                self._change(
                    Status.SCHEDULED,
                    scheduled_at=to,
                    ends_at=to + timedelta(minutes=self.duration),
                    gap=profile.gap,
                    calendar_revision=self.calendar_revision + 1,
                    calendar_due_at=now,
                )
                after = self.places()
                BusyCell.objects.take(self.pk, after - before)
                BusyCell.objects.release(self.pk, before - after)
                transaction.on_commit(self._after_change, robust=True)
                tell_moved(self, was=was, by=by, now=now)
        except SlotTaken as error:
            self.refresh_from_db()
            raise explain_taken(
                profile, self.learner, to, self.duration, now=now, moving=self.pk
            ) from error

    def cancel(self, *, by: User, reason: str = "", now: datetime | None = None) -> None:
        """Call it off and free the time. Either participant, or staff, while nobody has joined."""
        now = now or timezone.now()
        if not by.is_staff:
            self._require_participant(by)
        if self.status == Status.CANCELLED:
            return
        policy.check_cancel(self.status)
        try:
            self._call_off(by=by, reason=reason, now=now)
        except WrongStatus:
            self._accept(Status.CANCELLED)

    @classmethod
    def cancel_without_people(cls, now: datetime) -> int:
        """Call off what is to come with somebody who has been deactivated; returns how many."""
        gone = Q(mentor__is_active=False) | Q(learner__is_active=False)
        lost = cls.objects.filter(gone, status=Status.SCHEDULED, ends_at__gt=now)
        cancelled = 0
        for meeting in lost.select_related("mentor", "learner"):
            try:
                meeting._call_off(by=None, reason="", now=now)
            except WrongStatus:
                continue
            cancelled += 1
        return cancelled

    def join(self, *, by: User, now: datetime | None = None) -> str:
        """The address of the room; the first to join puts the meeting in progress.

        From 10 minutes before the start until the end. Raises NoRoomYet without a room.
        """
        now = now or timezone.now()
        self._require_participant(by)
        policy.check_join(self.status, self.scheduled_at, self.ends_at, now)
        if not self.meeting_link:
            raise NoRoomYet
        while self.status == Status.SCHEDULED:
            try:
                self._change(Status.SCHEDULED, status=Status.IN_PROGRESS)
            except WrongStatus:
                self.refresh_from_db()
                policy.check_join(self.status, self.scheduled_at, self.ends_at, now)
        return self.meeting_link

    def complete(self, *, by: User, now: datetime | None = None) -> None:
        """It took place. Either participant, from the start on."""
        now = now or timezone.now()
        self._require_participant(by)
        if self.status == Status.COMPLETED:
            return
        policy.check_complete(self.status, self.scheduled_at, now)
        try:
            with transaction.atomic():
                self._change(self.status, status=Status.COMPLETED)
                ask_how_it_was(self, now)
        except WrongStatus:
            self._accept(Status.COMPLETED)

    def _require_still_at(self, start: datetime) -> None:
        """Raise WrongStatus if somebody else has moved it or called it off meanwhile."""
        self.refresh_from_db()
        if self.status != Status.SCHEDULED or self.scheduled_at != start:
            raise WrongStatus

    def _accept(self, status: Status) -> None:
        """Somebody was quicker: harmless if they did the same, else WrongStatus."""
        self.refresh_from_db()
        if self.status != status:
            raise WrongStatus

    def _call_off(self, *, by: User | None, reason: str, now: datetime) -> None:
        with transaction.atomic():
            self._change(
                Status.SCHEDULED,
                status=Status.CANCELLED,
                cancelled_by=by,
                cancel_reason=reason,
                calendar_revision=self.calendar_revision + 1,
                calendar_due_at=now,
            )
            BusyCell.objects.release(self.pk)
            transaction.on_commit(self._after_change, robust=True)
            tell_cancelled(self, by=by, now=now)

    def _book(self, now: datetime) -> None:
        """Store it, if it can be had at now; raises as book() says."""
        if self.mentor_id == self.learner_id:
            raise OwnMentor
        profile = MentorProfile.objects.listed().filter(pk=self.mentor_id).first()
        if profile is None or not self.learner.is_active:
            raise MentorUnavailable
        people = [self.mentor_id, self.learner_id]
        self._waited = freshen(people, now=now, wait=wait_allowed() * FRESHEN_SHARE)
        check_offered(profile, self.learner, self.scheduled_at, self.duration, now=now)
        self.mentor, self.gap = profile.user, profile.gap
        self.clean_fields(exclude=["mentor", "learner", "cancelled_by", "ends_at"])
        try:
            with transaction.atomic():
                self._hold(now)
                self.save()
        except SlotTaken as error:
            raise explain_taken(
                profile, self.learner, self.scheduled_at, self.duration, now=now
            ) from error

    @classmethod
    def _booked_with(cls, key: uuid.UUID | None, learner: User) -> Self | None:
        """The meeting that this form has booked already."""
        if key is None:
            return None
        return cls.objects.of(learner).filter(request_key=key).first()

    def _hold(self, now: datetime) -> None:
        """Let each of the two be in one booking at a time, and neither leave meanwhile.

        Raises MentorUnavailable, TooManyMeetings.
        """
        people = (
            User.objects.select_for_update(no_key=True)
            .filter(pk__in=[self.mentor_id, self.learner_id], is_active=True)
            .order_by("pk")
        )
        if len(people) < 2:
            raise MentorUnavailable
        limit = settings.UPCOMING_MEETINGS_LIMIT
        theirs = type(self).objects.filter(learner=self.learner_id)
        if theirs.upcoming(now).count() >= limit:
            raise TooManyMeetings(limit=limit)

    def _after_change(self) -> None:
        """What follows a committed change: the calendar, and the mentor's next free time."""
        self.refresh_from_db()
        wait, self._waited = max(wait_allowed() - self._waited, timedelta()), timedelta()
        if wait and (self.calendar_home or self.choose_home()) == LOCAL:
            self.match_calendar(timeout=wait)
        elif wait:
            # It may go on after the page has gone on, so it has a meeting of its own.
            attempt(type(self).objects.get(pk=self.pk).match_calendar, wait=wait)
            self.refresh_from_db()
        refresh_next_free([self.mentor_id, self.learner_id])
