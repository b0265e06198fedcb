import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_text
from meetings.domain.policy import TEXT_LIMIT


class PrivateNote(models.Model):
    """A participant's note about a meeting, which nobody else sees."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(
        "meetings.Meeting", on_delete=models.CASCADE, related_name="private_notes"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="private_notes"
    )
    text = models.TextField(
        _("private notes"), max_length=TEXT_LIMIT, blank=True, validators=[validate_text]
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    if TYPE_CHECKING:
        author_id: uuid.UUID
        meeting_id: uuid.UUID

    class Meta:
        verbose_name = _("private note")
        verbose_name_plural = _("private notes")
        constraints = (
            models.UniqueConstraint(fields=["meeting", "author"], name="private_note_once"),
        )

    def __str__(self) -> str:
        return str(self.pk)
