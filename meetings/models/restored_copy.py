import uuid

from django.db import models


class RestoredCopy(models.Model):
    """A restored copy of the site that was settled, so that it is settled only once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    copied_at = models.DateTimeField()
    settled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.copied_at:%Y-%m-%d %H:%M} UTC"
