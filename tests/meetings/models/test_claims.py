"""Claims, tested with calendar events; mails and request keys use the same code."""

from datetime import timedelta

import pytest

from meetings.models import CalendarEvent, Notification
from meetings.models.claims import LEASE, backoff
from tests.factories import MONDAY, MeetingFactory

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def event():
    """A calendar event that is due on Monday."""
    CalendarEvent.objects.filter(pk=MeetingFactory().calendar_event.pk).update(due_at=MONDAY)
    return CalendarEvent.objects.get()


@pytest.fixture
def row(event):
    """The same row as a QuerySet, to claim and to mark."""
    return CalendarEvent.objects.filter(pk=event.pk)


def due(now):
    return list(CalendarEvent.objects.due(now))


def test_of_two_who_claim_at_once_one_wins(row):
    assert [row.claim(MONDAY), row.claim(MONDAY)] == [MONDAY + LEASE, None]


def test_a_claim_holds_until_its_lease_has_run_out(event, row):
    lease = row.claim(MONDAY)

    assert row.claim(lease - SECOND) is None
    assert due(lease - SECOND) == []
    assert due(lease) == [event]
    assert row.claim(lease) == lease + LEASE


def test_who_was_too_slow_marks_nothing(row):
    slow = row.claim(MONDAY)
    quick = row.claim(slow)

    assert row.claimed_until(slow).update(error="too late") == 0
    assert row.claimed_until(quick).update(error="in time") == 1
    assert row.get().error == "in time"


def test_a_claim_changes_what_it_is_told_in_the_same_statement(
    event, row, django_assert_num_queries
):
    with django_assert_num_queries(1):
        row.claim(MONDAY, error="in hand")

    event.refresh_from_db()
    assert (event.lease, event.due_at, event.error) == (MONDAY + LEASE, MONDAY + LEASE, "in hand")


def test_what_is_due_is_the_longest_due_first_and_nobodys():
    for number in range(5):
        MeetingFactory(scheduled_at=MONDAY + number * timedelta(days=1))
    late, just, held, tomorrow, never = CalendarEvent.objects.order_by("meeting__scheduled_at")
    for event, due_at, lease in (
        (just, MONDAY, None),
        (late, MONDAY - MINUTE, MONDAY),
        (held, MONDAY - MINUTE, MONDAY + SECOND),
        (tomorrow, MONDAY + SECOND, None),
        (never, None, None),
    ):
        CalendarEvent.objects.filter(pk=event.pk).update(due_at=due_at, lease=lease)

    assert due(MONDAY) == [late, just]


def test_what_failed_waits_and_says_why(event, row):
    row.claim(MONDAY)

    assert row.mark_failed("x" * 500, wait=MINUTE, now=MONDAY) == 1

    event.refresh_from_db()
    assert (event.lease, event.tries, event.error) == (None, 1, "x" * 300)
    assert MONDAY + MINUTE <= event.due_at <= MONDAY + 1.25 * MINUTE


def test_a_row_that_needs_a_person_waits_for_them(event, row):
    row.mark_failed("no permission", wait=None, now=MONDAY)

    event.refresh_from_db()
    assert (event.due_at, event.tries) == (None, 1)
    assert due(MONDAY + timedelta(days=400)) == []


def test_only_mails_that_wait_are_due():
    MeetingFactory()
    Notification.objects.update(due_at=MONDAY)
    states = list(Notification.MailState)
    for row, state in zip(Notification.objects.order_by("pk"), states, strict=False):
        Notification.objects.filter(pk=row.pk).update(mail_state=state)

    found = Notification.objects.due(MONDAY)

    assert {each.mail_state for each in found} == {"waiting"}
    assert set(found) == set(Notification.objects.filter(mail_state="waiting"))


@pytest.mark.parametrize(
    ("tries", "minutes"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (30, 60), (10_000, 60)]
)
def test_the_wait_grows_up_to_the_longest(tries, minutes):
    wait = backoff(tries, first=MINUTE, growth=2, longest=timedelta(hours=1))

    assert wait == minutes * MINUTE
