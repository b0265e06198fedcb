from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from meetings.models import Meeting
from meetings.models.calendar import FIRST_RETRY, LEASE, LONGEST_RETRY
from meetings.services.calendar import CalendarError
from tests.factories import MONDAY, MeetingFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)
OUTAGE = CalendarError("the calendar is away")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting(calendar):
    """One that the calendar has not seen yet."""
    return MeetingFactory()


def due_in(meeting):
    assert meeting.calendar_due_at
    return meeting.calendar_due_at - timezone.now()


def test_what_matches_has_its_room_and_is_due_no_more(calendar, meeting):
    assert meeting.match_calendar()

    meeting.refresh_from_db()
    assert meeting.meeting_link == f"https://rooms.example.com/{meeting.calendar_uid}"
    assert meeting.meeting_id == meeting.calendar_uid
    assert (meeting.calendar_synced, meeting.calendar_revision) == (1, 1)
    assert (meeting.calendar_due_at, meeting.calendar_lease) == (None, None)
    assert calendar.calls == ["put 0"]


def test_what_matches_already_is_left_alone(calendar, meeting):
    meeting.match_calendar()

    assert meeting.match_calendar()

    assert calendar.calls == ["put 0"]


def test_each_change_raises_the_sequence(calendar, meeting):
    meeting.match_calendar()

    meeting.reschedule(to=MONDAY + timedelta(hours=1), by=meeting.learner, now=NOW)
    meeting.match_calendar()

    event = calendar.events[meeting.calendar_uid]
    assert (event.sequence, event.start) == (1, MONDAY + timedelta(hours=1))


def test_what_is_called_off_leaves_the_calendar_and_has_no_room(calendar, meeting):
    meeting.match_calendar()

    meeting.cancel(by=meeting.mentor, now=NOW)
    assert meeting.match_calendar()

    meeting.refresh_from_db()
    assert calendar.events == {}
    assert meeting.meeting_link == ""


def test_trouble_that_passes_is_due_again_later_and_later(calendar, meeting, clock):
    calendar.fail(OUTAGE, times=60)
    waits = []

    for _try in range(60):
        assert not meeting.match_calendar()
        waits.append(due_in(meeting))
        clock.shift(waits[-1])

    assert FIRST_RETRY <= waits[0] <= FIRST_RETRY * 1.25
    assert max(waits) <= LONGEST_RETRY * 1.25
    assert waits[-1] >= LONGEST_RETRY
    assert (meeting.calendar_tries, meeting.calendar_error) == (60, "the calendar is away")
    assert meeting.match_calendar()
    assert (meeting.calendar_tries, meeting.calendar_error) == (0, "")


def test_the_time_that_the_calendar_names_is_kept(calendar, meeting):
    calendar.fail(CalendarError("too much at once", retry_after=timedelta(minutes=7)))

    meeting.match_calendar()

    assert timedelta(minutes=7) <= due_in(meeting) <= timedelta(minutes=7 * 1.25)


def test_trouble_that_does_not_pass_parks_it_until_it_changes(calendar, meeting):
    calendar.fail(CalendarError("it never will", is_permanent=True))

    assert not meeting.match_calendar()

    assert meeting.calendar_due_at is None
    assert meeting.is_calendar_behind
    meeting.cancel(by=meeting.learner, now=NOW)
    assert due_in(meeting) == timedelta()
    assert meeting.match_calendar()


def test_a_change_meanwhile_is_seen_before_the_work_ends(calendar, meeting):
    stale = Meeting.objects.get(pk=meeting.pk)
    calendar.surprises.append(lambda: stale.cancel(by=stale.learner, now=NOW))

    assert meeting.match_calendar()

    meeting.refresh_from_db()
    assert calendar.calls == ["put 0", "delete"]
    assert (meeting.calendar_synced, meeting.calendar_revision) == (2, 2)
    assert (calendar.events, meeting.meeting_link) == ({}, "")


def test_a_failure_does_not_park_what_has_changed_meanwhile(calendar, meeting):
    """The cancel wants the event gone; that the old one could not be made is past."""
    stale = Meeting.objects.get(pk=meeting.pk)

    def cancel_and_fail():
        stale.cancel(by=stale.learner, now=NOW)
        raise CalendarError("it never will", is_permanent=True)

    calendar.surprises.append(cancel_and_fail)

    assert meeting.match_calendar()

    assert calendar.calls == ["put 0", "delete"]
    assert not meeting.is_calendar_behind


def test_only_one_works_on_a_meeting_at_a_time(calendar, meeting):
    other = Meeting.objects.get(pk=meeting.pk)
    seen = []
    calendar.surprises.append(lambda: seen.append(other.match_calendar()))

    assert meeting.match_calendar()

    assert seen == [False]
    assert calendar.calls == ["put 0"]


def test_who_dies_over_it_is_not_waited_for_longer_than_the_lease(calendar, meeting, clock):
    calendar.fail(MemoryError())
    with pytest.raises(MemoryError):
        meeting.match_calendar()

    clock.shift(LEASE - timedelta(seconds=1))
    assert not meeting.match_calendar()
    assert not Meeting.objects.due_for_calendar(timezone.now()).exists()

    clock.shift(timedelta(seconds=1))
    assert Meeting.objects.due_for_calendar(timezone.now()).get() == meeting
    assert meeting.match_calendar()


def test_a_booking_has_its_room_after_the_commit(calendar, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        meeting = MeetingFactory()
        assert calendar.calls == []

    assert calendar.calls == ["put 0"]
    assert meeting.meeting_link


def test_no_waiting_leaves_it_to_the_worker(calendar, settings, django_capture_on_commit_callbacks):
    settings.CALENDAR_WAIT = timedelta()

    with django_capture_on_commit_callbacks(execute=True):
        meeting = MeetingFactory()

    assert calendar.calls == []
    assert Meeting.objects.due_for_calendar(timezone.now()).get() == meeting


def test_a_booking_stands_when_the_calendar_does_not(calendar, django_capture_on_commit_callbacks):
    calendar.fail(OUTAGE)

    with django_capture_on_commit_callbacks(execute=True):
        meeting = MeetingFactory()

    meeting.refresh_from_db()
    assert meeting.is_active
    assert meeting.meeting_link == ""
    assert due_in(meeting) > timedelta()


def test_a_completed_meeting_keeps_its_event(calendar, meeting):
    meeting.complete(by=meeting.mentor, now=MONDAY)

    assert meeting.match_calendar()

    assert list(calendar.events) == [meeting.calendar_uid]
