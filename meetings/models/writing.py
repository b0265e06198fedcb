"""What a meeting's people write about it: notes, rating and feedback."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import MentorProfile, User
from meetings.domain import policy
from meetings.domain.errors import AlreadyRated, NotAllowed, NotesChanged, WrongStatus
from meetings.domain.policy import Status
from meetings.models.notes import PrivateNote
from meetings.models.record import MeetingRecord


class WrittenMeeting(MeetingRecord):
    """The verbs that change no status and no time. They raise as those of Meeting do."""

    class Meta(MeetingRecord.Meta):
        abstract = True

    def rate(self, *, rating: int, feedback: str = "", by: User) -> None:
        """What the learner thinks of it, once: 1 to 5 and a text. Raises AlreadyRated."""
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
            .update(notes=text, notes_revision=seen + 1, updated_at=timezone.now())
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
