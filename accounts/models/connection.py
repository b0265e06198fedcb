import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.encryption import decrypt, encrypt
from accounts.models.user import User


class CalendarConnectionQuerySet(models.QuerySet["CalendarConnection"]):
    def working(self) -> "CalendarConnectionQuerySet":
        """Those whose consent is not known to have ended."""
        return self.filter(broken_at__isnull=True)

    def broken(self) -> "CalendarConnectionQuerySet":
        """Those whose consent has ended."""
        return self.filter(broken_at__isnull=False)

    def stale(self, before: datetime) -> "CalendarConnectionQuerySet":
        """Working ones of active people, last tried before that time, longest ago first."""
        never = Q(busy_tried_at__isnull=True)
        return (
            self.working()
            .filter(never | Q(busy_tried_at__lt=before), user__is_active=True)
            .order_by("busy_tried_at")
        )


class CalendarConnection(models.Model):
    """A person's consent that we keep meetings in their Google calendar and read when it is busy.

    One Google account belongs to one person. The token is stored encrypted.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="calendar_connection"
    )
    # Google's id of the account, which never changes (OpenID Connect's `sub`).
    google_id = models.CharField(max_length=255, unique=True, editable=False)
    google_email = models.EmailField(_("Google account"), editable=False)
    encrypted_token = models.TextField(editable=False)
    connected_at = models.DateTimeField(_("connected"), editable=False)
    # When Google said that the consent has ended.
    broken_at = models.DateTimeField(_("ended"), null=True, editable=False)
    # When busy times were last read, and when that was last tried.
    busy_read_at = models.DateTimeField(_("busy times read"), null=True, editable=False)
    busy_tried_at = models.DateTimeField(null=True, editable=False, db_index=True)

    objects = CalendarConnectionQuerySet.as_manager()

    if TYPE_CHECKING:
        user_id: uuid.UUID

    class Meta:
        verbose_name = _("calendar connection")
        verbose_name_plural = _("calendar connections")

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_working(self) -> bool:
        return self.broken_at is None

    @property
    def refresh_token(self) -> str:
        """The token in plain text. Raises cryptography.fernet.InvalidToken if no key fits."""
        return decrypt(self.encrypted_token)

    @refresh_token.setter
    def refresh_token(self, token: str) -> None:
        self.encrypted_token = encrypt(token)
