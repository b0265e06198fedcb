import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from meetings.models.claims import LEASE, Claim, ClaimQuerySet

# How long an answer is remembered.
REMEMBERED = timedelta(hours=24)


class KeyReused(Exception):
    """The key stands for another request already."""


@dataclass
class KeyInUse(Exception):
    """The first request with this key is still running; try again after so many seconds."""

    retry_after: int


class RequestKeyQuerySet(ClaimQuerySet):
    def obtain(self, person: User, key: str, fingerprint: str, *, now: datetime) -> "RequestKey":
        """The person's claim on this key: new, or with the answer that it got already.

        It is committed before anything is done under it, so that a process that is killed leaves
        a claim behind which runs out. Raises KeyInUse, KeyReused.
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
            # The first request has been refused just now and has given the key back.
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
        """Forget what is older than REMEMBERED; returns how many."""
        return self.filter(created_at__lte=now - REMEMBERED).delete()[0]


class RequestKey(Claim):
    """A person's Idempotency-Key and the answer that its request got.

    What is made under it takes its id as form_key, so that even two processes which both
    believe to hold the claim make one meeting.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_index=True)
    # The body of the answer; empty while there is none.
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
        """Keep the answer, and return the one that counts: the first that was kept."""
        if RequestKey.objects.filter(pk=self.pk, answer="").update(answer=answer):
            return answer
        kept = RequestKey.objects.filter(pk=self.pk).first()
        return kept.answer if kept else answer

    def give_back(self) -> None:
        """Nothing came of it: the key is free again, unless somebody else works under it now."""
        RequestKey.objects.filter(pk=self.pk, lease=self.lease, answer="").delete()
