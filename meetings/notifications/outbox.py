"""Sending the mails of notifications: a crash loses none, but can repeat one."""

import logging
import time
import uuid
from datetime import datetime, timedelta
from random import sample

from django.utils import timezone

from meetings.integrations.mail import Mailer, MailError
from meetings.integrations.queue import wake_worker
from meetings.models import Notification
from meetings.models.claims import backoff
from meetings.notifications.emails import email_for

logger = logging.getLogger(__name__)

BATCH = 50
# A turn ends after this, so that a worker can stop in time; the next turn continues.
TURN = timedelta(seconds=15)
# So many errors of the server in a row end the turn.
TROUBLES = 2
FIRST_RETRY = timedelta(minutes=1)
GROWTH = 2
LONGEST_RETRY = timedelta(hours=6)
# With these waits, about two days.
TRIES = 16


def send_due(now: datetime) -> int:
    """Send the mails due at now; returns how many were sent. Several processes can run it at once.

    A mail is claimed, sent outside any transaction, and marked. If the process dies in between, the
    lease expires and the mail is due again.
    """
    ends = time.monotonic() + TURN.total_seconds()
    sent, troubles = 0, 0
    with Mailer() as mailer:
        while rows := list(Notification.objects.due(now).values_list("pk", flat=True)[:BATCH]):
            # In random order, since other processes have read the same list.
            for pk in sample(rows, len(rows)):
                try:
                    sent += _send(pk, mailer)
                    troubles = 0
                except MailError:
                    troubles += 1
                if troubles == TROUBLES:
                    return sent
                if time.monotonic() > ends:
                    wake_worker()
                    return sent
    return sent


def next_abandoned(now: datetime, within: timedelta) -> datetime | None:
    """When the first lease expires within that time; None if none does."""
    waiting = Notification.objects.waiting().filter(lease__gt=now, lease__lte=now + within)
    soonest: datetime | None = waiting.order_by("lease").values_list("lease", flat=True).first()
    return soonest


def _send(pk: uuid.UUID, mailer: Mailer) -> bool:
    """Send one mail; returns whether it was sent. Raises MailError for errors of the server."""
    # Connect before the claim, so that the lease only has to outlast the sending.
    obstacle = mailer.connect()
    lease = Notification.objects.filter(pk=pk).waiting().claim(timezone.now())
    if lease is None:
        return False
    held = Notification.objects.filter(pk=pk).claimed_until(lease)
    notification = held.with_people().select_related("meeting__calendar_event").first()
    if notification is None:
        # The meeting has changed meanwhile, and the notification was withdrawn.
        return False
    try:
        if obstacle is not None:
            raise obstacle
        reason = notification.reason_to_drop(timezone.now())
        if not reason:
            mailer.send(email_for(notification).mail())
    except MailError as error:
        _mark_failed(notification, lease, str(error), is_permanent=error.is_permanent)
        if error.is_server:
            raise
        return False
    except Exception as error:
        logger.exception("mail %s cannot be written", pk)
        _mark_failed(notification, lease, f"cannot be written: {type(error).__name__}")
        return False
    if reason:
        held.drop(reason)
        return False
    states = Notification.MailState
    held.update(mail_state=states.SENT, sent_at=timezone.now(), lease=None, error="")
    return True


def _mark_failed(
    notification: Notification, lease: datetime, reason: str, *, is_permanent: bool = False
) -> None:
    """Schedule a retry, or set the mail aside; one that was dropped meanwhile stays dropped."""
    states = Notification.MailState
    is_over = is_permanent or notification.tries + 1 >= TRIES
    wait = backoff(notification.tries, first=FIRST_RETRY, growth=GROWTH, longest=LONGEST_RETRY)
    held = Notification.objects.filter(pk=notification.pk).waiting().claimed_until(lease)
    held.mark_failed(
        reason,
        wait=wait,
        now=timezone.now(),
        mail_state=states.FAILED if is_over else states.WAITING,
    )
    logger.warning("mail %s not sent: %s", notification.pk, reason)
