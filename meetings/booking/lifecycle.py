"""Changing a meeting: reschedule, cancel, join, complete.

Each function takes `by`, the person who acts. It raises NotAllowed unless that person may, and
WrongStatus if the meeting does not allow it (any more); then nothing has changed. Repeating a
change is harmless.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from meetings.booking.book import FRESHEN_SHARE
from meetings.calendars.external_busy import freshen
from meetings.calendars.sync import room_now, time_left
from meetings.domain import policy
from meetings.domain.errors import (
    DayFull,
    MentorUnavailable,
    NoRoomYet,
    NotAllowed,
    SlotTaken,
    WrongStatus,
)
from meetings.domain.policy import Status
from meetings.models import Meeting, SessionType
from meetings.notifications.notify import ask_for_rating, notify_cancelled, notify_moved
from meetings.scheduling.next_free import next_free_may_be_sooner, next_free_was_taken
from meetings.scheduling.slot_check import check_bookable


def reschedule(meeting: Meeting, *, to: datetime, by: User, now: datetime | None = None) -> None:
    """Move the meeting to start at `to`, which is aware, and free its old time.

    Raises as the module says, one of the errors of check_bookable(), or SlotTaken.
    """
    now = now or timezone.now()
    require_participant(meeting, by)
    if to == meeting.scheduled_at and meeting.status == Status.SCHEDULED:
        _require_still_at(meeting, to)
        return
    policy.check_reschedule(meeting.status, meeting.scheduled_at, now)
    session_type = terms_of(meeting)
    if session_type is None or not (meeting.mentor.is_active and meeting.learner.is_active):
        raise MentorUnavailable
    people = [meeting.mentor, meeting.learner]
    meeting.waited = freshen(people, now=now, wait=time_left(meeting) * FRESHEN_SHARE)
    check = check_bookable(
        session_type, meeting.learner_id, to, meeting.duration, now=now, moving=meeting
    )
    was = meeting.scheduled_at
    try:
        with transaction.atomic():
            if session_type.has_daily_limit:
                # Lock the mentor, so that two moves cannot both take the day's last place.
                User.objects.select_for_update(no_key=True).get(pk=meeting.mentor_id)
                if (full := check.filled_meanwhile()) is not None:
                    raise full
            meeting.move(to, by=by, now=now, **room_now(meeting))
            notify_moved(meeting, was=was, by=by, now=now)
            transaction.on_commit(
                lambda: next_free_was_taken(meeting, check, freed=was), robust=True
            )
    except SlotTaken as error:
        if isinstance(error, DayFull):
            raise
        raise check.refused_meanwhile() from error


def cancel(meeting: Meeting, *, by: User, reason: str = "", now: datetime | None = None) -> None:
    """Cancel the meeting and free its time. For participants and staff, until somebody joins."""
    now = now or timezone.now()
    if not by.is_staff:
        require_participant(meeting, by)
    if meeting.status == Status.CANCELLED:
        return
    policy.check_cancel(meeting.status)
    seen = meeting.scheduled_at
    while meeting.status == Status.SCHEDULED and meeting.scheduled_at == seen:
        try:
            _call_off(meeting, by=by, reason=reason, now=now)
        except WrongStatus:
            # A changed text does not stop the cancellation; a changed time does.
            meeting.refresh_from_db()
    if meeting.status != Status.CANCELLED:
        raise WrongStatus


def cancel_without_people(now: datetime) -> int:
    """Cancel the upcoming meetings of deactivated people; returns how many."""
    gone = Q(mentor__is_active=False) | Q(learner__is_active=False)
    lost = Meeting.objects.filter(gone, status=Status.SCHEDULED, ends_at__gt=now)
    cancelled = 0
    for meeting in lost.with_event():
        try:
            _call_off(meeting, by=None, reason="", now=now)
        except WrongStatus:
            continue
        cancelled += 1
    return cancelled


def join(meeting: Meeting, *, by: User, now: datetime | None = None) -> str:
    """Return the room's address; the first join sets the status to in progress.

    Allowed from 10 minutes before the start until the end. Raises NoRoomYet without a room.
    """
    now = now or timezone.now()
    require_participant(meeting, by)
    policy.check_join(meeting.status, meeting.scheduled_at, meeting.ends_at, now)
    if not meeting.meeting_link:
        raise NoRoomYet
    while meeting.status == Status.SCHEDULED:
        try:
            meeting.start(by=by, now=now)
        except WrongStatus:
            meeting.refresh_from_db()
            policy.check_join(meeting.status, meeting.scheduled_at, meeting.ends_at, now)
    return meeting.meeting_link


def complete(meeting: Meeting, *, by: User, now: datetime | None = None) -> None:
    """Mark the meeting as completed. For either participant, from the start on."""
    now = now or timezone.now()
    require_participant(meeting, by)
    if meeting.status == Status.COMPLETED:
        return
    policy.check_complete(meeting.status, meeting.scheduled_at, now)
    try:
        _complete(meeting, by=by, now=now)
    except WrongStatus:
        _accept(meeting, Status.COMPLETED)


def complete_overdue(now: datetime) -> int:
    """Complete the meetings in progress that are over, and request ratings; returns how many."""
    completed = 0
    for meeting in Meeting.objects.overdue(now):
        try:
            _complete(meeting, by=None, now=now)
        except WrongStatus:
            continue
        completed += 1
    return completed


def require_participant(meeting: Meeting, person: User) -> None:
    """Raise NotAllowed unless the person takes part in it."""
    if not (person.is_active and meeting.has_participant(person)):
        raise NotAllowed


def terms_of(meeting: Meeting) -> SessionType | None:
    """The session type whose rules a move follows: the booked one, else the mentor's default; None
    if the mentor is not one any more. No query for a booked type that came with_rules()."""
    if not meeting.mentor.is_mentor:
        return None
    if (session_type := meeting.session_type) is None:
        return SessionType.objects.default_of(meeting.mentor_id)
    session_type.mentor = meeting.mentor
    return session_type


def _complete(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    with transaction.atomic():
        meeting.finish(by=by, now=now)
        ask_for_rating(meeting, now)


def _call_off(meeting: Meeting, *, by: User | None, reason: str, now: datetime) -> None:
    with transaction.atomic():
        meeting.cancel(by=by, reason=reason, now=now)
        notify_cancelled(meeting, by=by, now=now)
        people, freed = [meeting.mentor_id, meeting.learner_id], meeting.scheduled_at
        transaction.on_commit(lambda: next_free_may_be_sooner(people, freed), robust=True)


def _require_still_at(meeting: Meeting, start: datetime) -> None:
    """Raise WrongStatus if somebody else has moved or cancelled the meeting meanwhile."""
    meeting.refresh_from_db()
    if meeting.status != Status.SCHEDULED or meeting.scheduled_at != start:
        raise WrongStatus


def _accept(meeting: Meeting, status: Status) -> None:
    """After a concurrent change: raise WrongStatus unless the meeting now has that status."""
    meeting.refresh_from_db()
    if meeting.status != status:
        raise WrongStatus
