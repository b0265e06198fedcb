"""Leases: a process claims a row, does its work outside any transaction, and marks the row.
Calendar events, mails and idempotency keys use them."""

from datetime import datetime, timedelta
from random import uniform
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# Nobody else claims the row for this long, also if the process dies. Sending a mail takes less. A
# calendar event whose requests all take their full timeout takes longer, and then two processes do
# the same work: each marks the row only under its own lease, and the event's id is the same.
LEASE = timedelta(seconds=45)


class ClaimQuerySet(models.QuerySet[Any]):
    def unclaimed(self, now: datetime) -> Self:
        """Those without a lease, or with one that has expired."""
        return self.filter(Q(lease__isnull=True) | Q(lease__lte=now))

    def claim(self, now: datetime, **also: Any) -> datetime | None:
        """Claim this row; returns the end of the lease, which identifies the claim, or None if
        another process has it. also: fields to change in the same statement."""
        lease = now + LEASE
        return lease if self.unclaimed(now).update(lease=lease, **also) else None

    def claimed_until(self, lease: datetime) -> Self:
        """Those that still have this lease, so that no process marks another one's work."""
        return self.filter(lease=lease)


class Claim(models.Model):
    """A row that one process at a time works on."""

    lease = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


class DueQuerySet(ClaimQuerySet):
    def due(self, now: datetime) -> Self:
        """Unclaimed ones whose next try is due, the longest due first."""
        return self.filter(due_at__lte=now).unclaimed(now).order_by("due_at")

    def claim(self, now: datetime, **also: Any) -> datetime | None:
        """As in ClaimQuerySet. If this process dies, the row is due again when the lease ends,
        after the rows that wait then."""
        return super().claim(now, due_at=now + LEASE, **also)

    def mark_failed(self, error: str, *, wait: timedelta | None, now: datetime, **also: Any) -> int:
        """Release these with an error, which contains no address or text; returns how many.

        wait: until the next try, plus up to a quarter as jitter; None: no try until somebody acts.
        """
        due_at = None if wait is None else now + wait * uniform(1, 1.25)  # noqa: S311  no secret
        return self.update(
            due_at=due_at, lease=None, tries=F("tries") + 1, error=error[:300], **also
        )


class Due(Claim):
    """A row with work to do outside the database, which is retried until it is done."""

    # When to try next; null if there is nothing to do, or a retry is useless until somebody acts.
    due_at = models.DateTimeField(_("next try"), null=True, editable=False)
    tries = models.PositiveIntegerField(_("failed tries"), default=0, editable=False)
    # It never contains an address or a text.
    error = models.CharField(_("why not"), max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True


def backoff(tries: int, *, first: timedelta, growth: float, longest: timedelta) -> timedelta:
    """How long to wait after so many failed tries: first after none, then each time growth times
    the wait before, longest at most."""
    # After thirty tries all waits have reached longest, and the power still fits a timedelta.
    return min(first * growth ** min(tries, 30), longest)
