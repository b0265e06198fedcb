"""What a meeting's people write about it: its texts, notes, rating and feedback."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import MentorProfile, User
from meetings.domain import policy
from meetings.domain.errors import AlreadyRated, NotAllowed, NotesChanged, WrongStatus
from meetings.domain.policy import Status
from meetings.models.notes import PrivateNote
from meetings.models.notifying import hear_how_it_was
from meetings.models.record import MeetingRecord


class WrittenMeeting(MeetingRecord):
    """The verbs that change no status and no time. They raise as those of Meeting do."""

    class Meta(MeetingRecord.Meta):
        abstract = True

    def edit(
        self,
        *,
        by: User,
        subject: str | None = None,
        description: str | None = None,
        now: datetime | None = None,
    ) -> None:
        """Say better what it is about; None leaves a text as it is. While it is scheduled.

        Raises as the class says, ValidationError if a text is not fit.
        """
        self._require_participant(by)
        policy.check_edit(self.status)
        asked = {"subject": subject, "description": description}
        changes = {
            name: text
            for name, text in asked.items()
            if text is not None and text != getattr(self, name)
        }
        if not changes:
            return
        for name, text in changes.items():
            field = self._meta.get_field(name)
            assert isinstance(field, models.Field)
            field.clean(text, self)
        with transaction.atomic():
            self._change(
                Status.SCHEDULED,
                **changes,
                calendar_revision=self.calendar_revision + 1,
                calendar_due_at=now or timezone.now(),
            )
            transaction.on_commit(self._after_change, robust=True)

    def rate(self, *, rating: int, feedback: str = "", by: User) -> None:
        """What the learner thinks of it, once: 1 to 5 and a text. Raises AlreadyRated."""
        self._require_participant(by)
        if by.pk != self.learner_id:
            raise NotAllowed
        if self.status != Status.COMPLETED:
            raise WrongStatus
        if rating not in policy.RATINGS:
            raise ValueError("a rating is 1 to 5")
        with transaction.atomic():
            rated = (
                type(self)
                ._default_manager.filter(pk=self.pk, status=Status.COMPLETED, rating__isnull=True)
                .update(rating=rating, feedback=feedback, updated_at=timezone.now())
            )
            if rated:
                MentorProfile.objects.filter(pk=self.mentor_id).update(
                    rating_sum=F("rating_sum") + rating, rating_count=F("rating_count") + 1
                )
                hear_how_it_was(self, timezone.now())
        self.refresh_from_db()
        if not rated and (self.rating, self.feedback) != (rating, feedback):
            raise AlreadyRated

    def write_notes(self, text: str, *, by: User, seen: int) -> None:
        """Change the notes that both share. seen: the notes_revision that the text is based on.

        Raises NotesChanged if somebody else has written meanwhile.
        """
        self._require_participant(by)
        written = (
            type(self)
            ._default_manager.filter(pk=self.pk, notes_revision=seen)
            .update(notes=text, notes_revision=F("notes_revision") + 1, updated_at=timezone.now())
        )
        self.refresh_from_db()
        if not written and self.notes != text:
            raise NotesChanged

    def write_private_note(self, text: str, *, by: User) -> None:
        """Change what only `by` sees."""
        self._require_participant(by)
        PrivateNote.objects.update_or_create(meeting_id=self.pk, author=by, defaults={"text": text})

    def private_note(self, person: User) -> str:
        """What the person has written for nobody else."""
        note = PrivateNote.objects.filter(meeting_id=self.pk, author=person).first()
        return note.text if note else ""

    def _require_participant(self, person: User) -> None:
        if not (person.is_active and self.has_participant(person)):
            raise NotAllowed

    def _change(self, seen: str, **values: Any) -> None:
        """Compare and set: of two simultaneous verbs one wins, the other gets WrongStatus.

        The calendar's columns change only together with the revision, so they may be set too.
        """
        changed = (
            type(self)
            ._default_manager.filter(pk=self.pk, status=seen, revision=self.revision)
            .update(**values, revision=F("revision") + 1, updated_at=timezone.now())
        )
        if not changed:
            raise WrongStatus
        self.revision += 1
        for name, value in values.items():
            setattr(self, name, value)

    def _after_change(self) -> None:
        """What follows a committed change that others must see."""
        raise NotImplementedError
