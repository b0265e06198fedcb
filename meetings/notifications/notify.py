"""Writing notifications, in the transaction of the change: both are stored, or neither."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from meetings.domain.reminders import REMINDERS, Kind, question_due, reminders_due
from meetings.integrations.queue import wake_worker
from meetings.models import Meeting, Notification

# The kinds that a new time makes untrue.
ABOUT_TIME = (Kind.BOOKED, Kind.RESCHEDULED)


def notify_booked(meeting: Meeting, now: datetime) -> None:
    """Confirm a booking to both, and remind both; neither if the meeting has already begun."""
    if meeting.scheduled_at <= now:
        return
    due = {Kind.BOOKED: now, **reminders_due(meeting.scheduled_at, now)}
    _write(meeting, due, now, knows=meeting.learner_id)


def notify_moved(meeting: Meeting, *, was: datetime, by: User, now: datetime) -> None:
    """Notify both of the new time, and replace the reminders."""
    _withdraw(meeting)
    due = {Kind.RESCHEDULED: now, **reminders_due(meeting.scheduled_at, now)}
    _write(meeting, due, now, knows=by.pk, was=was)


def notify_cancelled(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    """Notify both of the cancellation, and withdraw the reminders."""
    _withdraw(meeting)
    _write(meeting, {Kind.CANCELLED: now}, now, knows=by.pk if by else None)


def ask_for_rating(meeting: Meeting, now: datetime) -> None:
    """Request a rating from the learner, unless there is one."""
    due = {Kind.RATING_REQUEST: question_due(meeting.ends_at, now)}
    if meeting.rating is None:
        _write(meeting, due, now, people=[meeting.learner_id])


def end_rating_request(meeting: Meeting, now: datetime) -> None:
    """Withdraw the request, since the learner has rated."""
    asked = Notification.objects.filter(meeting_id=meeting.pk, kind=Kind.RATING_REQUEST)
    asked.filter(visible_at__gt=now).delete()
    asked.drop("rated")
    asked.mark_read(now)


def notify_connection_lost(person_id: uuid.UUID, now: datetime) -> None:
    """Notify the person that their calendar is no longer connected."""
    lost = Notification.objects.filter(recipient_id=person_id, kind=Kind.CONNECTION_LOST)
    Notification.objects.create(
        recipient_id=person_id,
        kind=Kind.CONNECTION_LOST,
        revision=lost.count() + 1,
        visible_at=now,
        due_at=now,
        created_at=now,
    )
    transaction.on_commit(wake_worker, robust=True)


def _withdraw(meeting: Meeting) -> None:
    """Withdraw the reminders and waiting mails about the time that is no longer valid."""
    told = Notification.objects.filter(meeting_id=meeting.pk)
    waiting = Notification.MailState.WAITING
    told.filter(kind__in=REMINDERS, mail_state=waiting).delete()
    told.filter(kind__in=(*REMINDERS, *ABOUT_TIME)).drop("the meeting has changed")


def _write(
    meeting: Meeting,
    due: Mapping[Kind, datetime],
    now: datetime,
    *,
    people: Iterable[uuid.UUID] | None = None,
    knows: uuid.UUID | None = None,
    was: datetime | None = None,
) -> None:
    """Write one row for each of the people (by default both) and each kind.

    knows: who made the change. They get the mail, for its invitation, but it counts as read.
    """
    Notification.objects.bulk_create(
        Notification(
            recipient_id=person,
            kind=kind,
            meeting_id=meeting.pk,
            revision=meeting.revision,
            starts_at=meeting.scheduled_at,
            was_at=was if kind == Kind.RESCHEDULED else None,
            visible_at=moment,
            due_at=moment,
            read_at=now if person == knows and kind not in REMINDERS else None,
            created_at=now,
        )
        for person in people or (meeting.mentor_id, meeting.learner_id)
        for kind, moment in due.items()
    )
    transaction.on_commit(wake_worker, robust=True)
