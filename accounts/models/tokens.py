import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TokenFamilyQuerySet(models.QuerySet["TokenFamily"]):
    def swap(self, session_key: str, *, used: str, following: str, expires_at: datetime) -> bool:
        """Replace the session's current refresh token, if it is `used`; returns whether it was.

        Of several concurrent calls with the same `used`, one returns True.
        """
        rows = self.filter(session_key=session_key, current=used)
        return bool(rows.update(current=following, expires_at=expires_at))

    def purge(self, now: datetime) -> int:
        """Delete those whose last refresh token has expired; returns how many."""
        return self.filter(expires_at__lte=now).delete()[0]


class TokenFamily(models.Model):
    """The tokens of one log-in through the API, all tied to its session.

    Only the newest refresh token is valid; use of an older one means that it was copied.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session_key = models.CharField(max_length=40, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # The jti of the newest refresh token.
    current = models.CharField(max_length=36)
    expires_at = models.DateTimeField(db_index=True)

    objects = TokenFamilyQuerySet.as_manager()

    if TYPE_CHECKING:
        person_id: uuid.UUID

    class Meta:
        verbose_name = _("token family")
        verbose_name_plural = _("token families")

    def __str__(self) -> str:
        return str(self.person_id)
