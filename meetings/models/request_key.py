import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from meetings.models.claims import LEASE, Claim, ClaimQuerySet

# How long a response is stored.
REMEMBERED = timedelta(hours=24)


class KeyReused(Exception):
    """The key was already used for another request."""


@dataclass
class KeyInUse(Exception):
    """The first request with this key is still running. retry_after: in seconds."""

    retry_after: int


class RequestKeyQuerySet(ClaimQuerySet):
    def obtain(self, person: User, key: str, fingerprint: str, *, now: datetime) -> "RequestKey":
        """Claim this key for the person; the row has the response if there is one already.

        The claim is committed before any work, so that its lease expires if the process is killed.
        Raises KeyInUse, KeyReused.
        """
        self.filter(person=person, key=key, created_at__lte=now - REMEMBERED).delete()
        try:
            with transaction.atomic():
                return self.create(
                    person=person,
                    key=key,
                    fingerprint=fingerprint,
                    created_at=now,
                    lease=now + LEASE,
                )
        except IntegrityError:
            there = self.filter(person=person, key=key).first()
        if there is None:
            # The first request has just failed, and has released the key.
            raise KeyInUse(retry_after=1)
        if there.fingerprint != fingerprint:
            raise KeyReused
        if there.answer:
            return there
        there.lease = self.filter(pk=there.pk, answer="").claim(now)
        if there.lease is None:
            raise KeyInUse(retry_after=1)
        return there

    def purge(self, now: datetime) -> int:
        """Delete keys that are older than REMEMBERED; returns how many."""
        return self.filter(created_at__lte=now - REMEMBERED).delete()[0]


class RequestKey(Claim):
    """A person's Idempotency-Key and the response to its request.

    Its id is the form_key of the booking, so that even two processes that both believe to have the
    lease create one meeting.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_index=True)
    # The body of the response; empty while there is none.
    answer = models.TextField(default="")

    objects = RequestKeyQuerySet.as_manager()

    if TYPE_CHECKING:
        person_id: uuid.UUID

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = (
            models.UniqueConstraint(fields=["person", "key"], name="request_key_once_a_person"),
        )

    def __str__(self) -> str:
        return str(self.pk)

    def remember(self, answer: str) -> str:
        """Store the response unless there is one, and return the one that was stored first."""
        if RequestKey.objects.filter(pk=self.pk, answer="").update(answer=answer):
            return answer
        kept = RequestKey.objects.filter(pk=self.pk).first()
        return kept.answer if kept else answer

    def give_back(self) -> None:
        """Release the key after a failed request, unless another process has claimed it since."""
        RequestKey.objects.filter(pk=self.pk, lease=self.lease, answer="").delete()
