"""Settling a restored copy of the site. The site has done things since the copy was made that the
copy does not know of; above all, it has sent mail."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from accounts.tokens import end_all
from meetings.booking.lifecycle import cancel_without_people, complete_overdue
from meetings.integrations.calendar import CalendarProvider
from meetings.models import CalendarEvent, Meeting, Notification, RestoredCopy

MAY_HAVE_GONE = "from a copy of the site: it may have gone already"
# More than the changes that any meeting has had since the copy was made.
FURTHER = 1_000
# Rows per statement.
CHUNK = 500


class SettledAlready(Exception):
    """The copy was already settled, and its site may have run since. str() says when."""


@dataclass(frozen=True)
class Settled:
    """How much was done. dropped: mails that are out of date; set_aside: mails that may have been
    sent, and that staff can send again; sessions: those that were ended."""

    dropped: int
    set_aside: int
    sessions: int


@transaction.atomic
def settle(*, copied_at: datetime, stopped_at: datetime, now: datetime) -> Settled:
    """Prepare a restored copy, before the first process of its site starts.

    copied_at: when the copy was made; stopped_at: until when the other site may have run. Mails
    due until then are not sent from here. Raises SettledAlready, and changes nothing, if this copy
    was settled before.
    """
    done = RestoredCopy.objects.filter(settled_at__gt=copied_at).order_by("settled_at").first()
    if done is not None:
        raise SettledAlready(f"{done.settled_at:%Y-%m-%d %H:%M} UTC")
    RestoredCopy.objects.create(copied_at=copied_at, settled_at=now)
    _catch_up(stopped_at)
    dropped, set_aside = _set_aside(stopped_at, now)
    _count_further(now)
    return Settled(dropped, set_aside, end_all())


def _catch_up(stopped_at: datetime) -> None:
    """Repeat what the other site's worker has done by itself, and notified people of."""
    overdue = Meeting.objects.overdue(stopped_at).order_by("ends_at")
    for ends_at in list(overdue.values_list("ends_at", flat=True)):
        complete_overdue(ends_at)
    cancel_without_people(stopped_at)


def _set_aside(stopped_at: datetime, now: datetime) -> tuple[int, int]:
    """Drop or set aside the mails that the old site may have sent; returns how many of each."""
    dropped = set_aside = 0
    # A mail that was claimed when the copy was made has been sent, whenever its next try is.
    due = Q(due_at__lte=stopped_at) | Q(lease__isnull=False)
    for each in list(Notification.objects.with_people().waiting().filter(due)):
        mail = Notification.objects.filter(pk=each.pk)
        if reason := each.reason_to_drop(now):
            mail.drop(reason)
            dropped += 1
        else:
            mail.update(mail_state=Notification.MailState.FAILED, error=MAY_HAVE_GONE)
            set_aside += 1
    return dropped, set_aside


def _count_further(now: datetime) -> None:
    """Raise the sequence of events sent as .ics, since calendars ignore a file with an older one.

    Events at Google store their sequence, which calendar_reconcile reads.
    """
    by_mail = CalendarEvent.objects.filter(provider__in=("", CalendarProvider.LOCAL))
    meetings = list(Meeting.objects.upcoming(now).values_list("pk", flat=True))
    for start in range(0, len(meetings), CHUNK):
        by_mail.filter(meeting__in=meetings[start : start + CHUNK]).update(
            sequence=F("sequence") + FURTHER, synced=F("synced") + FURTHER
        )
