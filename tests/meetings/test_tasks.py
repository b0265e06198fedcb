from datetime import UTC, timedelta

import pytest
import time_machine

from meetings.domain.policy import Status
from meetings.integrations.calendar import CalendarError
from meetings.models import BusyCell, CalendarEvent, Meeting, Notification, SessionType
from meetings.tasks import CALENDAR_BATCH, bring_calendars_up, send_mail, sweep, tick
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY + timedelta(days=3)


@pytest.fixture(autouse=True)
def clock(calendar):
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_sweep_does_all_that_is_due(calendar):
    over = MeetingFactory(scheduled_at=MONDAY, status=Status.IN_PROGRESS)
    behind = MeetingFactory(scheduled_at=NOW + timedelta(hours=5))
    lost = MeetingFactory(scheduled_at=NOW + timedelta(hours=6), learner__is_active=False)
    mentor = MentorFactory()

    sweep(NOW)

    assert dict(Meeting.objects.values_list("pk", "status")) == {
        over.pk: Status.COMPLETED,
        behind.pk: Status.SCHEDULED,
        lost.pk: Status.CANCELLED,
    }
    assert not CalendarEvent.objects.behind().exists()
    assert sorted(calendar.events) == sorted([over.calendar_uid, behind.calendar_uid])
    assert {cell.owner_id for cell in BusyCell.objects.all()} == {behind.pk}
    mentor.refresh_from_db()
    assert mentor.next_free_at == NOW


@pytest.fixture
def scheduled():
    """A function that returns the times of scheduled jobs; the queue is empty before and after."""
    queue = send_mail.huey
    queue.flush()
    yield lambda: [each.eta.replace(tzinfo=UTC) for each in queue.scheduled()]
    queue.flush()


def abandon(*leases):
    """Leave one mail for each lease, claimed until then by a process that has died."""
    MeetingFactory(scheduled_at=NOW + timedelta(days=5))
    Notification.objects.update(due_at=NOW + timedelta(days=1))
    for row, lease in zip(Notification.objects.order_by("pk"), leases, strict=False):
        Notification.objects.filter(pk=row.pk).update(lease=lease, due_at=lease)


def test_a_mail_that_was_abandoned_need_not_wait_for_the_next_tick_as_well(scheduled):
    abandon(NOW + timedelta(seconds=45), NOW + timedelta(seconds=20), NOW + timedelta(minutes=5))

    tick.call_local()

    assert scheduled() == [NOW + timedelta(seconds=21)]


@pytest.mark.parametrize("seconds", [-1, 0, 61])
def test_no_mail_run_is_scheduled_that_a_tick_does_in_time(seconds, scheduled):
    """A mail with an expired lease is sent by this tick, one with a longer lease by the next."""
    abandon(NOW + timedelta(seconds=seconds))

    tick.call_local()

    assert scheduled() == []


def test_what_needs_no_mail_any_more_is_not_waited_for(scheduled):
    abandon(NOW + timedelta(seconds=20))
    Notification.objects.filter(lease__isnull=False).update(mail_state="dropped")

    tick.call_local()

    assert scheduled() == []


def test_a_step_that_fails_holds_no_other(caplog):
    MeetingFactory()
    # No form lets a mentor offer no duration, so computing the next free time fails.
    SessionType.objects.update(durations=[])

    sweep(NOW)

    assert [record.getMessage() for record in caplog.records] == [
        "sweep: refresh_stale_next_free failed"
    ]
    assert not BusyCell.objects.exists()


def test_a_meeting_that_fails_holds_no_other(calendar, caplog, clock):
    """Neither in this sweep, nor as the first row of all later ones."""
    failing, waiting = MeetingFactory(), MeetingFactory()
    CalendarEvent.objects.filter(meeting=failing).update(due_at=NOW - timedelta(hours=1))
    calendar.fail(RuntimeError("a bug"))

    assert bring_calendars_up(NOW) == 1

    failing.refresh_from_db()
    waiting.refresh_from_db()
    assert failing.calendar_event.is_behind
    assert not waiting.calendar_event.is_behind
    assert failing.calendar_event.due_at > NOW
    assert str(failing.pk) in caplog.text
    assert failing.subject not in caplog.text


def test_an_event_that_is_behind_but_not_due_waits(calendar):
    meeting = MeetingFactory(scheduled_at=NOW + timedelta(hours=5))
    calendar.fail(CalendarError("away"))

    assert bring_calendars_up(NOW) == 0
    assert bring_calendars_up(NOW + timedelta(seconds=29)) == 0
    assert calendar.calls == ["put 0"]
    assert bring_calendars_up(NOW + timedelta(seconds=40)) == 1

    meeting.refresh_from_db()
    assert meeting.meeting_link


def test_a_sweep_brings_up_no_more_than_a_batch(calendar):
    mentor, learner = MentorFactory().user, UserFactory()
    for hours in range(CALENDAR_BATCH + 1):
        start = NOW + timedelta(hours=hours)
        MeetingFactory(mentor=mentor, learner=learner, scheduled_at=start)

    assert [bring_calendars_up(NOW) for _sweep in range(3)] == [CALENDAR_BATCH, 1, 0]
