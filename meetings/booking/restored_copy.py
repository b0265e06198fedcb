"""An older copy of the site takes the place of the site, which has done things that the copy does
not know of: above all, it has sent mail."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.tokens import end_all
from meetings.booking.lifecycle import cancel_without_people, complete_overdue
from meetings.integrations.calendar import CalendarProvider
from meetings.models import CalendarEvent, Meeting, Notification, RestoredCopy

MAY_HAVE_GONE = "from a copy of the site: it may have gone already"
# More often than anybody has changed a meeting since the copy was made.
FURTHER = 1_000
# How many rows one statement names.
CHUNK = 500


class SettledAlready(Exception):
    """The copy was settled, and its site may have gone on since. str() says when."""


@dataclass(frozen=True)
class Settled:
    """What was done. dropped: mails that nobody needs any more; set_aside: mails that may have
    gone and that staff can send; sessions: how many were ended."""

    dropped: int
    set_aside: int
    sessions: int


@transaction.atomic
def settle(*, copied_at: datetime, stopped_at: datetime, now: datetime) -> Settled:
    """Make a copy fit to go on, before the first process of its site starts.

    copied_at: when the copy was made; stopped_at: until when the other site may have run. What it
    was to send until then is not sent from here. Raises SettledAlready, and changes nothing, if
    that was done with this copy.
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
    """What the other site's worker has done by itself, and told people of."""
    overdue = Meeting.objects.overdue(stopped_at).order_by("ends_at")
    for ends_at in list(overdue.values_list("ends_at", flat=True)):
        complete_overdue(ends_at)
    cancel_without_people(stopped_at)


def _set_aside(stopped_at: datetime, now: datetime) -> tuple[int, int]:
    """How many mails were dropped, and how many are for staff to decide about."""
    dropped = set_aside = 0
    due = Notification.objects.with_people().waiting().filter(due_at__lte=stopped_at)
    for each in list(due):
        mail = Notification.objects.filter(pk=each.pk)
        if reason := each.reason_to_drop(now):
            mail.drop(reason)
            dropped += 1
        else:
            mail.update(mail_state=Notification.MailState.FAILED, error=MAY_HAVE_GONE)
            set_aside += 1
    return dropped, set_aside


def _count_further(now: datetime) -> None:
    """People's calendars take an .ics file only if it counts beyond the one that they have.

    A calendar of Google's says itself how far it has counted; calendar_reconcile reads it.
    """
    by_mail = CalendarEvent.objects.filter(provider__in=("", CalendarProvider.LOCAL))
    meetings = list(Meeting.objects.upcoming(now).values_list("pk", flat=True))
    for start in range(0, len(meetings), CHUNK):
        by_mail.filter(meeting__in=meetings[start : start + CHUNK]).update(
            sequence=F("sequence") + FURTHER, synced=F("synced") + FURTHER
        )
