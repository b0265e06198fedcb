"""Booking a meeting."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from meetings.calendars.external_busy import freshen
from meetings.calendars.sync import plan_event, time_left
from meetings.domain.errors import (
    BookingError,
    DayFull,
    MentorUnavailable,
    OwnMentor,
    SlotTaken,
    TooManyMeetings,
)
from meetings.integrations import counters
from meetings.models import Meeting, SessionType
from meetings.notifications.notify import notify_booked
from meetings.scheduling.next_free import next_free_was_taken
from meetings.scheduling.slot_check import SlotCheck, check_bookable

# The part of a page's waiting time for calendars that reading busy times may take.
FRESHEN_SHARE = 0.25


def book(
    *,
    mentor_id: uuid.UUID,
    learner: User,
    subject: str,
    start: datetime,
    duration: int,
    description: str = "",
    form_key: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Meeting:
    """Book and return a meeting from start, which is aware, for duration minutes.

    Sent again with the same form_key, mentor and time, it returns the meeting booked before.
    Raises OwnMentor, MentorUnavailable, TooManyMeetings, one of the errors of check_bookable(), or
    SlotTaken; ValidationError if subject or description are not fit.
    """
    now = now or timezone.now()
    what = f"{learner.pk} {mentor_id} {start.timestamp()} {duration}"
    key = form_key and uuid.uuid5(form_key, what)
    if mentor_id == learner.pk:
        raise OwnMentor
    meeting = Meeting(
        learner=learner,
        subject=subject,
        description=description,
        scheduled_at=start,
        duration=duration,
        request_key=key,
    )
    try:
        _book(meeting, mentor_id, now)
    except (BookingError, IntegrityError):
        # The conflict may be with the same form, sent before.
        if (done := _booked_with(key, learner)) is None:
            raise
        return done
    transaction.on_commit(lambda: counters.count_event(counters.BOOKED), robust=True)
    return meeting


def _booked_with(key: uuid.UUID | None, learner: User) -> Meeting | None:
    """The meeting that was already booked with this key."""
    if key is None:
        return None
    return Meeting.objects.of(learner).with_event().filter(request_key=key).first()


def _book(meeting: Meeting, mentor_id: uuid.UUID, now: datetime) -> None:
    """Store the meeting if its slot can be booked at now; raises as book() does."""
    session_type = SessionType.objects.bookable().default_of(mentor_id)
    if session_type is None or not meeting.learner.is_active:
        raise MentorUnavailable
    meeting.mentor, meeting.session_type = session_type.mentor, session_type
    rules = session_type.slot_rules
    meeting.gap_before, meeting.gap_after = rules.gap_before, rules.gap_after
    people = [meeting.mentor, meeting.learner]
    meeting.waited = freshen(people, now=now, wait=time_left(meeting) * FRESHEN_SHARE)
    check = check_bookable(
        session_type, meeting.learner_id, meeting.scheduled_at, meeting.duration, now=now
    )
    meeting.clean_fields(exclude=["mentor", "learner", "session_type", "cancelled_by", "ends_at"])
    plan_event(meeting)
    try:
        with transaction.atomic():
            _hold(meeting, check, now)
            meeting.save()
            notify_booked(meeting, now)
            transaction.on_commit(lambda: next_free_was_taken(meeting, check), robust=True)
    except SlotTaken as error:
        if isinstance(error, DayFull):
            raise
        raise check.refused_meanwhile() from error


def _hold(meeting: Meeting, check: SlotCheck, now: datetime) -> None:
    """Lock both people, so that each is in one booking at a time, and check the limits.

    Raises MentorUnavailable, TooManyMeetings, DayFull.
    """
    people = (
        User.objects.select_for_update(no_key=True)
        .filter(pk__in=[meeting.mentor_id, meeting.learner_id], is_active=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if len(people) < 2:
        raise MentorUnavailable
    limit = settings.UPCOMING_MEETINGS_LIMIT
    theirs = Meeting.objects.filter(learner=meeting.learner_id)
    if theirs.upcoming(now).count() >= limit:
        raise TooManyMeetings(limit=limit)
    if (full := check.filled_meanwhile()) is not None:
        raise full
