"""What participants write about a meeting: its texts, notes, rating and feedback.

The functions raise NotAllowed and WrongStatus as those of meetings.booking.lifecycle do.
"""

from datetime import datetime

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import MentorProfile, User
from meetings.booking.lifecycle import require_participant
from meetings.calendars.sync import room_now
from meetings.domain import policy
from meetings.domain.errors import AlreadyRated, NotAllowed, NotesChanged, WrongStatus
from meetings.domain.policy import Change, Status
from meetings.models import Meeting, MeetingEvent, PrivateNote
from meetings.notifications.notify import end_rating_request


def edit(
    meeting: Meeting,
    *,
    by: User,
    subject: str | None = None,
    description: str | None = None,
    now: datetime | None = None,
) -> None:
    """Change subject or description of a scheduled meeting; None leaves a text as it is.

    Raises as the module says, ValidationError if a text is not fit.
    """
    require_participant(meeting, by)
    policy.check_edit(meeting.status)
    asked = {"subject": subject, "description": description}
    changes = {
        name: text
        for name, text in asked.items()
        if text is not None and text != getattr(meeting, name)
    }
    if not changes:
        return
    for name, text in changes.items():
        field = Meeting._meta.get_field(name)
        assert isinstance(field, models.Field)
        field.clean(text, meeting)
    meeting.edit(by=by, now=now or timezone.now(), **changes, **room_now(meeting))


def rate(
    meeting: Meeting, *, rating: int, feedback: str = "", by: User, now: datetime | None = None
) -> None:
    """Store the learner's rating, 1 to 5, and feedback, once. Raises AlreadyRated."""
    now = now or timezone.now()
    require_participant(meeting, by)
    if by.pk != meeting.learner_id:
        raise NotAllowed
    if meeting.status != Status.COMPLETED:
        raise WrongStatus
    if rating not in policy.RATINGS:
        raise ValueError("a rating is 1 to 5")
    with transaction.atomic():
        unrated = Meeting.objects.filter(pk=meeting.pk).unrated()
        rated = unrated.update(rating=rating, feedback=feedback, updated_at=now)
        if rated:
            MentorProfile.objects.filter(pk=meeting.mentor_id).update(
                rating_sum=F("rating_sum") + rating, rating_count=F("rating_count") + 1
            )
            MeetingEvent.objects.log(
                meeting, Change.RATED, by=by.pk, at=now, after={"rating": rating}
            )
            end_rating_request(meeting, now)
    meeting.refresh_from_db()
    if not rated and (meeting.rating, meeting.feedback) != (rating, feedback):
        raise AlreadyRated


def write_notes(meeting: Meeting, text: str, *, by: User, seen: int) -> None:
    """Change the notes that both share. seen: the notes_revision that the text is based on.

    Raises NotesChanged if somebody else has written meanwhile.
    """
    require_participant(meeting, by)
    written = Meeting.objects.filter(pk=meeting.pk, notes_revision=seen).update(
        notes=text, notes_revision=F("notes_revision") + 1, updated_at=timezone.now()
    )
    meeting.refresh_from_db()
    if not written and meeting.notes != text:
        raise NotesChanged


def write_private_note(meeting: Meeting, text: str, *, by: User) -> None:
    """Change the private note of `by`."""
    require_participant(meeting, by)
    PrivateNote.objects.update_or_create(meeting_id=meeting.pk, author=by, defaults={"text": text})


def private_note(meeting: Meeting, person: User) -> str:
    """The person's private note; empty without one."""
    note = PrivateNote.objects.filter(meeting_id=meeting.pk, author=person).first()
    return note.text if note else ""
