"""The meetings of the demo data that are over."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from accounts.models import User
from meetings.booking.texts import rate, write_private_note
from meetings.domain.policy import Change, Status
from meetings.management.demo import content
from meetings.management.demo.diary import Diary
from meetings.models import Meeting, MeetingEvent

# Ids are derived from it, so that every run finds the meetings of an earlier one.
NAMESPACE = uuid.UUID("6f0c7d0e-6a0e-4a52-9d3d-2f1b8d4f6a11")


def has_history() -> bool:
    """Whether an earlier run has created these meetings."""
    return Meeting.objects.filter(pk=_id_of(content.past()[0])).exists()


def add_history(people: Mapping[str, User], now: datetime) -> None:
    diary = Diary()
    for plan in content.past():
        mentor, learner = people[plan.mentor], people[plan.learner]
        before = now - timedelta(days=plan.days)
        start = diary.time_before(before, mentor, learner, plan.duration)
        if start is not None:
            _add(plan, mentor, learner, start)


def _add(plan: content.Plan, mentor: User, learner: User, start: datetime) -> None:
    is_cancelled = plan.status == Status.CANCELLED
    meeting = Meeting.objects.create(
        pk=_id_of(plan),
        mentor=mentor,
        learner=learner,
        subject=plan.subject,
        description=plan.description,
        scheduled_at=start,
        duration=plan.duration,
        status=plan.status,
        notes=plan.notes,
        cancelled_by={"mentor": mentor, "learner": learner}.get(plan.cancelled_by),
        cancel_reason=plan.cancel_reason,
        created_at=start - timedelta(days=5 if is_cancelled else 3, hours=2),
    )
    change = Change.CANCELLED if is_cancelled else Change.COMPLETED
    MeetingEvent.objects.create(
        meeting=meeting,
        number=1,
        kind=change,
        actor=meeting.cancelled_by if is_cancelled else None,
        at=meeting.created_at + timedelta(days=1) if is_cancelled else meeting.ends_at,
        before={"status": Status.SCHEDULED},
        after={"status": plan.status},
    )
    if plan.rating:
        then = meeting.ends_at + timedelta(minutes=5)
        rate(meeting, rating=plan.rating, feedback=plan.feedback, by=learner, now=then)
    if plan.private_note:
        write_private_note(meeting, plan.private_note, by=learner)


def _id_of(plan: content.Plan) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"{plan.mentor} {plan.learner} {plan.subject}")
