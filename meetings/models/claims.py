"""One way to do a thing later: a row is claimed, what it asks for is done outside any transaction,
and the row is marked. Calendar events, mails and idempotency keys share it."""

from datetime import datetime, timedelta
from random import uniform
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# Nobody else touches the row this long, and a process that dies over it is not waited for longer.
# A mail ends before; an event of which each call takes its full time may not, and then two do the
# same work: what each marks is bound to its own lease, and the event's id makes it one event.
LEASE = timedelta(seconds=45)


class ClaimQuerySet(models.QuerySet[Any]):
    def unclaimed(self, now: datetime) -> Self:
        """Those that nobody works on; who died over one does not count any more."""
        return self.filter(Q(lease__isnull=True) | Q(lease__lte=now))

    def claim(self, now: datetime, **also: Any) -> datetime | None:
        """Be the only one to work on this row until the time that is returned, which names the
        claim; None if somebody else does. also: what to change in the same statement."""
        lease = now + LEASE
        return lease if self.unclaimed(now).update(lease=lease, **also) else None

    def claimed_until(self, lease: datetime) -> Self:
        """Those that are still under that claim, so that nobody marks what another one does."""
        return self.filter(lease=lease)


class Claim(models.Model):
    """A row that one process at a time works on."""

    lease = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


class DueQuerySet(ClaimQuerySet):
    def due(self, now: datetime) -> Self:
        """Those whose next try has come and that nobody works on, the longest due first."""
        return self.filter(due_at__lte=now).unclaimed(now).order_by("due_at")

    def claim(self, now: datetime, **also: Any) -> datetime | None:
        """As ClaimQuerySet says. If this process dies over it, it is due again when the lease
        ends, behind what waits then."""
        return super().claim(now, due_at=now + LEASE, **also)

    def mark_failed(self, error: str, *, wait: timedelta | None, now: datetime, **also: Any) -> int:
        """Give these back with the reason, which names no address or text; returns how many.

        wait: until the next try, plus up to a quarter, so that not all come at once; None: not
        before somebody acts.
        """
        due_at = None if wait is None else now + wait * uniform(1, 1.25)  # noqa: S311  no secret
        return self.update(
            due_at=due_at, lease=None, tries=F("tries") + 1, error=error[:300], **also
        )


class Due(Claim):
    """A row that asks for something to be done outside, and is tried until it is."""

    # When to try next; empty when nothing is to be done, or nobody can before something changes.
    due_at = models.DateTimeField(_("next try"), null=True, editable=False)
    tries = models.PositiveIntegerField(_("failed tries"), default=0, editable=False)
    # Never with an address or a text.
    error = models.CharField(_("why not"), max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True


def backoff(tries: int, *, first: timedelta, growth: float, longest: timedelta) -> timedelta:
    """How long to wait after so many failed tries: first after none, and growth times the wait
    before after each, longest at most."""
    # After thirty no wait of ours grows any more, and a timedelta can still hold it.
    return min(first * growth ** min(tries, 30), longest)
