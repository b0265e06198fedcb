from datetime import timedelta

import pytest
import time_machine

from accounts.models import MentorProfile
from meetings.domain.policy import Status
from meetings.jobs import CALENDAR_BATCH, bring_calendars_up, sweep
from meetings.models import BusyCell, Meeting
from meetings.services.calendar import CalendarError
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
    assert not Meeting.objects.behind().exists()
    assert sorted(calendar.events) == sorted([over.calendar_uid, behind.calendar_uid])
    assert {cell.meeting_id for cell in BusyCell.objects.all()} == {behind.pk}
    mentor.refresh_from_db()
    assert mentor.next_free_at == NOW


def test_a_step_that_fails_holds_no_other(caplog):
    MeetingFactory()
    # No form lets a mentor offer nothing, so working out the next free time cannot cope with it.
    MentorProfile.objects.update(durations=[])

    sweep(NOW)

    assert [record.getMessage() for record in caplog.records] == [
        "sweep: refresh_stale_next_free failed"
    ]
    assert not BusyCell.objects.exists()


def test_a_meeting_that_fails_holds_no_other(calendar, caplog, clock):
    """Not in this sweep, and not by being the first of every later one."""
    failing, waiting = MeetingFactory(), MeetingFactory()
    Meeting.objects.filter(pk=failing.pk).update(calendar_due_at=NOW - timedelta(hours=1))
    calendar.fail(RuntimeError("a bug"))

    assert bring_calendars_up(NOW) == 1

    failing.refresh_from_db()
    waiting.refresh_from_db()
    assert failing.is_calendar_behind
    assert not waiting.is_calendar_behind
    assert failing.calendar_due_at > NOW
    assert str(failing.pk) in caplog.text
    assert failing.subject not in caplog.text


def test_what_is_behind_and_not_due_waits(calendar):
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
