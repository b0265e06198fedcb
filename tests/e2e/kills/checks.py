"""Checks of what must be true in the end, whatever was killed before."""

import time
from collections import Counter
from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from meetings.models import CalendarEvent, Meeting, Notification
from tests.e2e.google.state import Google
from tests.e2e.kills.stack import Stack
from tests.e2e.mail.server import MailServer

PLATFORM = "platform@gmail.example.com"
SECONDS_TO_SETTLE = 300
# For each of the two: booked, a day before, an hour before.
TOLD = {("booked", 2), ("reminder_24h", 2), ("reminder_1h", 2)}


def wait_until_settled(stack: Stack) -> None:
    """Wait until the worker has nothing left to do."""
    deadline = time.monotonic() + SECONDS_TO_SETTLE
    while not _is_settled():
        assert time.monotonic() < deadline, stack.logged()
        time.sleep(1)


def _is_settled() -> bool:
    now = timezone.now()
    mails = Notification.objects.waiting().filter(Q(due_at__lte=now) | Q(lease__gt=now))
    return not (mails.exists() or CalendarEvent.objects.behind().exists())


def assert_people_are_told(meetings: Collection[Meeting]) -> None:
    """Each meeting has all notifications for its two people."""
    kinds: dict[object, Counter[str]] = {meeting.pk: Counter() for meeting in meetings}
    for pk, kind in Notification.objects.values_list("meeting", "kind"):
        kinds[pk][kind] += 1
    assert all(set(counted.items()) == TOLD for counted in kinds.values())


def assert_events(google: Google, meetings: Collection[Meeting]) -> None:
    """Each meeting has one event and its room."""
    events = {event["id"]: event for event in google.account(PLATFORM).live()}
    assert len(events) == len(google.account(PLATFORM).live())
    wanted = {meeting.calendar_uid: meeting.meeting_link for meeting in meetings}
    assert wanted.items() <= {uid: event["hangoutLink"] for uid, event in events.items()}.items()
    assert google.complaints == []


def assert_mails(mail: MailServer, *, in_hand: int) -> None:
    """Each was sent at least once; those that a killed worker was sending, at most twice."""
    booked = Notification.objects.filter(kind="booked", mail_state="sent").order_by()
    times = mail.times_taken()
    assert times.keys() >= {each.message_id for each in booked}
    assert times.total() <= len(times) + in_hand
