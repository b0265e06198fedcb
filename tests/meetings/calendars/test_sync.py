import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from meetings.booking import lifecycle
from meetings.booking.book import book
from meetings.calendars.sync import FIRST_RETRY, LONGEST_RETRY, sync_event
from meetings.integrations.calendar import CalendarError
from meetings.models import CalendarEvent, Meeting
from meetings.models.claims import LEASE
from meetings.tasks import bring_calendars_up
from tests.e2e.google.killed import Killed, dying_at_change
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.matching import match_calendar

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)
OUTAGE = CalendarError("the calendar is away")
# A change of an event's row, in SQL and as Django logs MongoDB's statements.
READING = re.compile(r"SELECT .*meetings_calendarevent|db\.meetings_calendarevent\.aggregate")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting(calendar):
    """A meeting whose event is not in the calendar yet."""
    return MeetingFactory()


def due_in(meeting):
    assert meeting.calendar_event.due_at
    return meeting.calendar_event.due_at - timezone.now()


def due():
    return list(CalendarEvent.objects.due(timezone.now()))


def test_a_matching_event_has_its_room_and_is_not_due(calendar, meeting):
    assert match_calendar(meeting)

    meeting.refresh_from_db()
    assert meeting.meeting_link == f"https://rooms.example.com/{meeting.calendar_uid}"
    assert meeting.calendar_event.external_id == meeting.calendar_uid
    assert (meeting.calendar_event.synced, meeting.calendar_event.sequence) == (1, 1)
    assert (meeting.calendar_event.due_at, meeting.calendar_event.lease) == (None, None)
    assert calendar.calls == ["put 0"]


def test_what_matches_already_is_left_alone(calendar, meeting):
    match_calendar(meeting)

    assert match_calendar(meeting)

    assert calendar.calls == ["put 0"]


def test_each_change_raises_the_sequence(calendar, meeting):
    match_calendar(meeting)

    lifecycle.reschedule(meeting, to=MONDAY + timedelta(hours=1), by=meeting.learner, now=NOW)
    match_calendar(meeting)

    event = calendar.events[meeting.calendar_uid]
    assert (event.sequence, event.start) == (1, MONDAY + timedelta(hours=1))


def test_what_is_called_off_leaves_the_calendar_and_has_no_room(calendar, meeting):
    match_calendar(meeting)

    lifecycle.cancel(meeting, by=meeting.mentor, now=NOW)
    assert match_calendar(meeting)

    meeting.refresh_from_db()
    assert calendar.events == {}
    assert meeting.meeting_link == ""


def test_after_a_temporary_error_the_event_is_due_later_and_later(calendar, meeting, clock):
    calendar.fail(OUTAGE, times=60)
    waits = []

    for _try in range(60):
        assert not match_calendar(meeting)
        waits.append(due_in(meeting))
        clock.shift(waits[-1])

    assert FIRST_RETRY <= waits[0] <= FIRST_RETRY * 1.25
    assert max(waits) <= LONGEST_RETRY * 1.25
    assert waits[-1] >= LONGEST_RETRY
    assert (meeting.calendar_event.tries, meeting.calendar_event.error) == (
        60,
        "the calendar is away",
    )
    assert match_calendar(meeting)
    assert (meeting.calendar_event.tries, meeting.calendar_event.error) == (0, "")


def test_the_time_that_the_calendar_names_is_kept(calendar, meeting):
    calendar.fail(CalendarError("too much at once", retry_after=timedelta(minutes=7)))

    match_calendar(meeting)

    assert timedelta(minutes=7) <= due_in(meeting) <= timedelta(minutes=7 * 1.25)


def test_a_permanent_error_parks_the_event_until_it_changes(calendar, meeting):
    calendar.fail(CalendarError("it never will", is_permanent=True))

    assert not match_calendar(meeting)

    assert meeting.calendar_event.due_at is None
    assert meeting.calendar_event.is_behind
    lifecycle.cancel(meeting, by=meeting.learner, now=NOW)
    assert due_in(meeting) == timedelta()
    assert match_calendar(meeting)


def test_a_change_meanwhile_is_seen_before_the_work_ends(calendar, meeting):
    stale = Meeting.objects.get(pk=meeting.pk)
    calendar.surprises.append(lambda: lifecycle.cancel(stale, by=stale.learner, now=NOW))

    assert match_calendar(meeting)

    meeting.refresh_from_db()
    assert calendar.calls == ["put 0", "delete"]
    assert (meeting.calendar_event.synced, meeting.calendar_event.sequence) == (2, 2)
    assert (calendar.events, meeting.meeting_link) == ({}, "")


def test_a_failure_does_not_park_what_has_changed_meanwhile(calendar, meeting):
    """The meeting was cancelled meanwhile: its event is no longer to be made, but to be deleted."""
    stale = Meeting.objects.get(pk=meeting.pk)

    def cancel_and_fail():
        lifecycle.cancel(stale, by=stale.learner, now=NOW)
        raise CalendarError("it never will", is_permanent=True)

    calendar.surprises.append(cancel_and_fail)

    assert match_calendar(meeting)

    assert calendar.calls == ["put 0", "delete"]
    assert not meeting.calendar_event.is_behind


def test_only_one_works_on_a_meeting_at_a_time(calendar, meeting):
    other = Meeting.objects.get(pk=meeting.pk)
    seen = []
    calendar.surprises.append(lambda: seen.append(match_calendar(other)))

    assert match_calendar(meeting)

    assert seen == [False]
    assert calendar.calls == ["put 0"]


def test_after_a_crash_the_event_is_due_when_the_lease_expires(calendar, meeting, clock):
    calendar.fail(MemoryError())
    with pytest.raises(MemoryError):
        match_calendar(meeting)

    clock.shift(LEASE - timedelta(seconds=1))
    assert not match_calendar(meeting)
    assert due() == []

    clock.shift(timedelta(seconds=1))
    assert due() == [meeting.calendar_event]
    assert match_calendar(meeting)


def test_a_booking_has_its_room_after_the_commit(calendar, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        meeting = MeetingFactory()
        assert calendar.calls == []

    assert calendar.calls == ["put 0"]
    assert meeting.meeting_link


def test_without_a_calendar_wait_the_event_is_left_to_the_worker(
    calendar, settings, django_capture_on_commit_callbacks
):
    settings.CALENDAR_WAIT = timedelta()

    with django_capture_on_commit_callbacks(execute=True):
        meeting = MeetingFactory()

    assert calendar.calls == []
    assert due() == [meeting.calendar_event]


def test_a_booking_succeeds_when_the_calendar_fails(calendar, django_capture_on_commit_callbacks):
    calendar.fail(OUTAGE)

    with django_capture_on_commit_callbacks(execute=True):
        meeting = MeetingFactory()

    meeting.refresh_from_db()
    assert meeting.is_active
    assert meeting.meeting_link == ""
    assert due_in(meeting) > timedelta()


def test_a_completed_meeting_keeps_its_event(calendar, meeting):
    lifecycle.complete(meeting, by=meeting.mentor, now=MONDAY)

    assert match_calendar(meeting)

    assert list(calendar.events) == [meeting.calendar_uid]


def test_a_process_that_lost_its_claim_restores_no_room(calendar, meeting, clock):
    stale = Meeting.objects.get(pk=meeting.pk)

    def another_one_calls_it_off():
        clock.shift(LEASE)
        lifecycle.cancel(stale, by=stale.learner, now=NOW)
        assert match_calendar(stale)

    calendar.surprises.append(another_one_calls_it_off)

    match_calendar(meeting)

    assert calendar.calls == ["put 0", "delete"]
    assert meeting.meeting_link == ""
    assert (meeting.calendar_event.synced, meeting.calendar_event.sequence) == (2, 2)


def test_a_process_that_lost_its_claim_before_the_request_does_nothing(calendar, clock):
    """It stores no home either: the event may have another one by then."""
    mentor, learner = MentorFactory().user, UserFactory()
    meeting = Meeting(
        mentor=mentor, learner=learner, subject="Loops", scheduled_at=MONDAY, duration=60
    )
    meeting.save()
    taken_over: list[str] = []

    def take_over(execute, sql, params, many, context):
        if not taken_over and READING.match(sql):
            taken_over.append(sql)
            clock.shift(LEASE)
            CalendarEvent.objects.update(lease=timezone.now() + LEASE)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(take_over):
        assert not sync_event(meeting.calendar_event.pk).synced

    assert len(taken_over) == 1
    assert calendar.calls == []
    assert CalendarEvent.objects.get().home is None


def booked():
    return book(
        mentor_id=MentorFactory().user.pk,
        learner=UserFactory(),
        subject="Loops",
        start=MONDAY,
        duration=60,
        now=NOW,
    )


@pytest.mark.django_db(transaction=True)
def test_a_booking_whose_process_dies_after_the_commit_is_the_workers_when_the_lease_ends(
    calendar, clock
):
    calendar.fail(Killed())
    with pytest.raises(Killed):
        booked()
    meeting = Meeting.objects.get()

    clock.shift(LEASE - timedelta(seconds=1))
    assert bring_calendars_up(timezone.now()) == 0
    assert (due(), calendar.events, meeting.meeting_link) == ([], {}, "")

    clock.shift(timedelta(seconds=1))
    assert bring_calendars_up(timezone.now()) == 1
    meeting.refresh_from_db()
    assert meeting.meeting_link == f"https://rooms.example.com/{meeting.calendar_uid}"
    assert meeting.calendar_event.lease is None


@pytest.mark.django_db(transaction=True)
def test_the_event_and_the_room_are_marked_together_or_not_at_all(calendar, clock):
    with pytest.raises(Killed), dying_at_change(1):
        booked()

    meeting = Meeting.objects.get()
    assert list(calendar.events) == [meeting.calendar_uid]
    assert (meeting.meeting_link, meeting.link_provider) == ("", "")
    assert (meeting.calendar_event.synced, meeting.calendar_event.external_id) == (0, "")
    clock.shift(LEASE)
    assert bring_calendars_up(timezone.now()) == 1
    meeting.refresh_from_db()
    assert meeting.meeting_link
    assert calendar.calls == ["put 0", "put 0"]


@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_use_a_claim_of_the_worker(calendar, meeting):
    seen = []

    def move():
        page = Meeting.objects.with_rules().get(pk=meeting.pk)
        assert page.calendar_event.lease
        lifecycle.reschedule(page, to=MONDAY + timedelta(hours=1), by=page.learner, now=NOW)
        seen.extend(calendar.calls)

    CalendarEvent.objects.update(synced=0, due_at=NOW)
    calendar.calls.clear()
    calendar.surprises.append(move)

    assert match_calendar(meeting)

    assert seen == ["put 0"]
    assert calendar.calls == ["put 0", "put 1"]


def test_with_the_local_backend_no_event_is_ever_due():
    """The local backend stores no events: the room is in the meeting, and nothing is ever due."""
    meeting = MeetingFactory()
    states = [state_of(meeting)]
    room = meeting.meeting_link

    lifecycle.reschedule(meeting, to=MONDAY + timedelta(hours=1), by=meeting.learner, now=NOW)
    states.append(state_of(meeting))
    lifecycle.cancel(meeting, by=meeting.learner, now=NOW)
    states.append(state_of(meeting))

    assert room.startswith("https://")
    assert states == [(1, 1, room, "open-room"), (2, 2, room, "open-room"), (3, 3, "", "")]
    assert (due(), meeting.calendar_event.lease) == ([], None)


def state_of(meeting):
    stored = Meeting.objects.with_event().get(pk=meeting.pk)
    event = stored.calendar_event
    return event.sequence, event.synced, stored.meeting_link, stored.link_provider
