"""Sending what notifications wait to be mailed: each once, whatever dies or jumps meanwhile."""

import logging
import time
import uuid
from datetime import datetime, timedelta
from random import sample, uniform

from django.db.models import F
from django.utils import timezone

from meetings.models.letter import letter_of
from meetings.models.notification import Notification
from meetings.services.mail import Mailer, MailError
from meetings.services.worker import ring

logger = logging.getLogger(__name__)

# How long a claim is left alone. A mail server that takes its time in each step is done before.
LEASE = timedelta(minutes=3)
BATCH = 50
# A turn ends after this, so that a worker that is told to stop can; the next one goes on.
TURN = timedelta(seconds=15)
# So many mails in a row that the server would not take end the turn.
TROUBLES = 2
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
# With these waits, about two days.
TRIES = 16


class Outbox:
    """Sends due mails, beside any number of others who do the same. One a process.

    A mail is claimed by compare-and-set, sent outside any transaction, and marked. Who dies in
    between leaves a claim behind; others take it over when they have watched it for LEASE on a
    clock of their own that cannot be set, so that a jump of the wall clock makes nobody believe
    that a claim is old while its mail is just being sent.
    """

    def __init__(self, *, lease: timedelta = LEASE) -> None:
        self._lease = lease.total_seconds()
        # When each claim was first seen.
        self._watched: dict[uuid.UUID, float] = {}

    def send_due(self, now: datetime) -> int:
        """Send what is due at now; returns how many mails went."""
        self._free_abandoned()
        ends = time.monotonic() + TURN.total_seconds()
        sent, troubles = 0, 0
        with Mailer() as mailer:
            while rows := list(Notification.objects.due(now).values_list("pk", flat=True)[:BATCH]):
                # In an order of its own, since others have the same list before them.
                for pk in sample(rows, len(rows)):
                    try:
                        sent += self._send(pk, mailer)
                        troubles = 0
                    except MailError:
                        troubles += 1
                    if troubles == TROUBLES:
                        return sent
                    if time.monotonic() > ends:
                        ring()
                        return sent
        return sent

    def _send(self, pk: uuid.UUID, mailer: Mailer) -> bool:
        """Whether its mail went. Raises MailError if the server will take no other either."""
        claim = self._claim(pk)
        held = Notification.objects.with_people().filter(claim=claim)
        notification = held.first() if claim else None
        if notification is None:
            return False
        try:
            reason = notification.reason_to_drop(timezone.now())
            if not reason:
                mailer.send(letter_of(notification).mail())
        except MailError as error:
            self._mark_failed(notification, str(error), is_permanent=error.is_permanent)
            if error.is_server:
                raise
            return False
        except Exception as error:
            logger.exception("mail %s cannot be written", pk)
            self._mark_failed(notification, f"cannot be written: {type(error).__name__}")
            return False
        if reason:
            held.drop(reason)
            return False
        held.update(mail_state=Notification.MailState.SENT, sent_at=timezone.now(), mail_error="")
        return True

    def _claim(self, pk: uuid.UUID) -> uuid.UUID | None:
        """A claim on it, unless somebody else was quicker."""
        claim = uuid.uuid4()
        states = Notification.MailState
        mine = Notification.objects.filter(pk=pk, mail_state=states.WAITING)
        return claim if mine.update(mail_state=states.SENDING, claim=claim) else None

    def _mark_failed(
        self, notification: Notification, reason: str, *, is_permanent: bool = False
    ) -> None:
        """Try again later, or set it aside; what was dropped meanwhile stays so."""
        states = Notification.MailState
        is_over = is_permanent or notification.tries + 1 >= TRIES
        wait = min(FIRST_RETRY * 2 ** min(notification.tries, 20), LONGEST_RETRY)
        held = Notification.objects.filter(claim=notification.claim, mail_state=states.SENDING)
        held.update(
            mail_state=states.FAILED if is_over else states.WAITING,
            try_at=timezone.now() + wait * uniform(1, 1.25),  # noqa: S311  jitter, not a secret
            tries=F("tries") + 1,
            mail_error=reason[:200],
        )
        logger.warning("mail %s not sent: %s", notification.pk, reason)

    def _free_abandoned(self) -> None:
        """Let those be sent again whose claim nobody can be working under any more."""
        states = Notification.MailState
        sending = Notification.objects.filter(mail_state=states.SENDING)
        claims = [claim for claim in sending.values_list("claim", flat=True) if claim]
        now = time.monotonic()
        self._watched = {claim: self._watched.get(claim, now) for claim in claims}
        for claim, since in self._watched.items():
            if now - since >= self._lease:
                sending.filter(claim=claim).update(mail_state=states.WAITING)


outbox = Outbox()
