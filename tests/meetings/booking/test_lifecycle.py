from datetime import timedelta
from itertools import product

import pytest
from django.test import TestCase

from accounts.models import MentorProfile, User
from meetings.api.validators import in_json
from meetings.booking import lifecycle, texts
from meetings.domain.errors import (
    BookingError,
    DayFull,
    MentorUnavailable,
    NotAllowed,
    SlotTaken,
    TooEarlyToJoin,
    WrongStatus,
)
from meetings.domain.grid import CELL
from meetings.domain.policy import Status
from meetings.models import BusyCell, CalendarEvent, Meeting, MeetingEvent, PrivateNote
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory, change_rules
from tests.meetings.booking.bookings import NOW, book, cells_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

# The state table: every verb, in every status, by everybody, at every time.
STATUSES = ("scheduled", "in-progress", "completed", "cancelled")
TIMES = {
    "long before": MONDAY - 2 * HOUR,
    "joinable": MONDAY - 10 * MINUTE,
    "running": MONDAY,
    "over": MONDAY + HOUR,
}
VERBS = {
    "reschedule": lambda meeting, by, now: lifecycle.reschedule(
        meeting, to=MONDAY + 5 * HOUR, by=by, now=now
    ),
    "edit": lambda meeting, by, now: texts.edit(meeting, by=by, subject="Something else", now=now),
    "cancel": lambda meeting, by, now: lifecycle.cancel(meeting, by=by, reason="Ill", now=now),
    "join": lambda meeting, by, now: lifecycle.join(meeting, by=by, now=now),
    "complete": lambda meeting, by, now: lifecycle.complete(meeting, by=by, now=now),
    "rate": lambda meeting, by, now: texts.rate(meeting, by=by, rating=5, feedback="Good"),
    "notes": lambda meeting, by, now: texts.write_notes(meeting, "Ours", by=by, seen=0),
    "private note": lambda meeting, by, now: texts.write_private_note(meeting, "Mine", by=by),
}
BOTH = {"mentor", "learner"}
WHO = {"cancel": BOTH | {"staff"}, "rate": {"learner"}}

ANY_TIME = set(TIMES)
# The result of each verb, by status and time; all other combinations are refused.
LEADS_TO = {
    "reschedule": {
        ("scheduled", "long before"): "scheduled",
        ("scheduled", "joinable"): "scheduled",
    },
    "edit": {("scheduled", time): "scheduled" for time in ANY_TIME},
    "cancel": {
        (status, time): "cancelled" for status in ("scheduled", "cancelled") for time in ANY_TIME
    },
    "join": {
        (status, time): "in-progress"
        for status in ("scheduled", "in-progress")
        for time in ("joinable", "running")
    },
    "complete": {
        (status, time): "completed"
        for status in ("scheduled", "in-progress")
        for time in ("running", "over")
    }
    | {("completed", time): "completed" for time in ANY_TIME},
    "rate": {("completed", time): "completed" for time in ANY_TIME},
    "notes": {(status, time): status for status in STATUSES for time in ANY_TIME},
    "private note": {(status, time): status for status in STATUSES for time in ANY_TIME},
}
# These are done already, so that nothing changes.
REPEATS = {("cancel", "cancelled"), ("join", "in-progress"), ("complete", "completed")}


@pytest.fixture
def people():
    return {
        "mentor": MentorFactory().user,
        "learner": UserFactory(),
        "stranger": UserFactory(),
        "staff": UserFactory(is_staff=True),
    }


def everything():
    """Everything that a verb could change, as plain values."""
    return [
        list(Meeting.objects.values()),
        sorted(BusyCell.objects.values_list("person", "starts_at", "owner_id")),
        list(CalendarEvent.objects.values()),
        list(MeetingEvent.objects.values()),
        list(PrivateNote.objects.values_list("author", "text")),
    ]


@pytest.mark.parametrize("role", ["mentor", "learner", "stranger", "staff"])
@pytest.mark.parametrize(("verb", "status"), list(product(VERBS, STATUSES)))
def test_every_verb_in_every_status_by_everybody_at_every_time(verb, status, role, people):
    for time, now in TIMES.items():
        Meeting.objects.all().delete()
        meeting = MeetingFactory(mentor=people["mentor"], learner=people["learner"], status=status)
        before = everything()

        error = error_of(VERBS[verb], meeting, people[role], now)

        leads_to = LEADS_TO[verb].get((status, time))
        if role not in WHO.get(verb, BOTH):
            assert isinstance(error, NotAllowed)
        elif leads_to is None:
            assert isinstance(error, WrongStatus)
            assert str(error)
        else:
            assert error is None
            assert Meeting.objects.get().status == leads_to
        is_repeat = (verb, status) in REPEATS
        assert (everything() == before) is (error is not None or is_repeat)


def error_of(verb, *arguments):
    try:
        verb(*arguments)
    except BookingError as error:
        return error
    return None


def test_reschedule_swaps_the_cells():
    meeting = MeetingFactory()

    lifecycle.reschedule(meeting, to=MONDAY + 30 * MINUTE, by=meeting.learner, now=NOW)

    assert meeting.scheduled_at == MONDAY + 30 * MINUTE
    for person in (meeting.mentor, meeting.learner):
        assert cells_of(person) == [MONDAY + 30 * MINUTE + n * CELL for n in range(4)]
    assert BusyCell.objects.of(BusyCell.OwnerKind.MEETING, meeting.pk).count() == 8


def test_a_stranger_can_do_nothing():
    meeting, stranger = MeetingFactory(), UserFactory()

    for verb in (
        lambda: lifecycle.reschedule(meeting, to=MONDAY + 3 * HOUR, by=stranger, now=NOW),
        lambda: lifecycle.cancel(meeting, by=stranger, now=NOW),
        lambda: lifecycle.join(meeting, by=stranger, now=MONDAY),
        lambda: lifecycle.complete(meeting, by=stranger, now=MONDAY),
        lambda: texts.rate(meeting, rating=5, by=stranger),
        lambda: texts.write_notes(meeting, "x", by=stranger, seen=0),
        lambda: texts.write_private_note(meeting, "x", by=stranger),
    ):
        with pytest.raises(NotAllowed):
            verb()


def test_the_life_of_a_meeting():
    with TestCase.captureOnCommitCallbacks(execute=True):
        meeting = book(MentorFactory(), UserFactory())
    meeting.refresh_from_db()

    with pytest.raises(TooEarlyToJoin):
        lifecycle.join(meeting, by=meeting.learner, now=MONDAY - 11 * MINUTE)
    room = lifecycle.join(meeting, by=meeting.learner, now=MONDAY - 10 * MINUTE)
    assert room == meeting.meeting_link
    assert meeting.status == Status.IN_PROGRESS
    with pytest.raises(WrongStatus):
        lifecycle.cancel(meeting, by=meeting.mentor, now=MONDAY)
    lifecycle.complete(meeting, by=meeting.mentor, now=MONDAY)
    texts.rate(meeting, rating=4, feedback="Clear", by=meeting.learner)

    assert (meeting.status, meeting.rating) == (Status.COMPLETED, 4)
    assert meeting.mentor.mentor_profile.rating == 4.0


@pytest.mark.parametrize(("booked_with", "cells"), [(0, 4), (60, 12)])
def test_a_meeting_keeps_the_gaps_that_it_was_booked_with(booked_with, cells):
    mentor = MentorFactory(gap_before=booked_with, gap_after=booked_with)
    meeting = book(mentor, UserFactory())
    change_rules(mentor.user, gap_before=30, gap_after=30)

    lifecycle.reschedule(meeting, to=MONDAY + HOUR, by=meeting.mentor, now=NOW)

    assert len(cells_of(mentor.user)) == cells
    assert len(cells_of(meeting.learner)) == 4


def test_reschedule_to_the_time_it_has_is_harmless():
    meeting = book(MentorFactory(), UserFactory())
    before = Meeting.objects.values().get()

    lifecycle.reschedule(meeting, to=MONDAY, by=meeting.learner, now=NOW)

    assert Meeting.objects.values().get() == before


def test_reschedule_to_a_taken_time_keeps_the_old_one():
    mentor, learner = MentorFactory(), UserFactory()
    meeting = book(mentor, learner)
    book(mentor, UserFactory(), start=MONDAY + 2 * HOUR)
    before = Meeting.objects.filter(pk=meeting.pk).values().get(), cells_of(learner)

    with pytest.raises(SlotTaken) as refusal:
        lifecycle.reschedule(meeting, to=MONDAY + 2 * HOUR, by=learner, now=NOW)

    assert (Meeting.objects.filter(pk=meeting.pk).values().get(), cells_of(learner)) == before
    assert refusal.value.nearest == [
        MONDAY + 30 * MINUTE,
        MONDAY + HOUR,
        MONDAY + 3 * HOUR,
    ]


def test_reschedule_refuses_a_full_day_and_allows_another_time_on_its_own():
    mentor = MentorFactory(most_a_day=1)
    meeting = book(mentor, UserFactory())
    book(mentor, UserFactory(), start=MONDAY + 24 * HOUR)
    meeting = Meeting.objects.with_rules().get(pk=meeting.pk)
    before = Meeting.objects.filter(pk=meeting.pk).values().get(), cells_of(meeting.learner)

    with pytest.raises(DayFull):
        lifecycle.reschedule(meeting, to=MONDAY + 26 * HOUR, by=meeting.mentor, now=NOW)

    after = Meeting.objects.filter(pk=meeting.pk).values().get(), cells_of(meeting.learner)
    assert after == before
    lifecycle.reschedule(meeting, to=MONDAY + 2 * HOUR, by=meeting.mentor, now=NOW)
    lifecycle.reschedule(meeting, to=MONDAY - 24 * HOUR, by=meeting.mentor, now=NOW)
    assert Meeting.objects.get(pk=meeting.pk).scheduled_at == MONDAY - 24 * HOUR


def test_reschedule_works_for_a_mentor_who_is_not_listed_any_more_but_not_without_people():
    mentor = MentorFactory()
    meeting = book(mentor, UserFactory())
    MentorProfile.objects.filter(pk=mentor.pk).update(is_listed=False)

    lifecycle.reschedule(meeting, to=MONDAY + HOUR, by=meeting.learner, now=NOW)

    User.objects.filter(pk=mentor.pk).update(is_active=False)
    as_it_is = Meeting.objects.with_rules().get()
    with pytest.raises(MentorUnavailable):
        lifecycle.reschedule(as_it_is, to=MONDAY, by=meeting.learner, now=NOW)


@pytest.mark.parametrize(
    "second",
    [
        lambda stale: lifecycle.cancel(stale, by=stale.mentor, now=NOW),
        lambda stale: lifecycle.reschedule(stale, to=MONDAY + 3 * HOUR, by=stale.mentor, now=NOW),
        lambda stale: lifecycle.reschedule(stale, to=MONDAY, by=stale.mentor, now=NOW),
        lambda stale: lifecycle.complete(stale, by=stale.mentor, now=MONDAY + HOUR),
    ],
    ids=["cancel", "reschedule", "stay", "complete"],
)
@pytest.mark.parametrize(
    "first",
    [
        lambda meeting: lifecycle.reschedule(
            meeting, to=MONDAY + HOUR, by=meeting.learner, now=NOW
        ),
        lambda meeting: lifecycle.cancel(meeting, by=meeting.learner, now=NOW),
        lambda meeting: lifecycle.complete(meeting, by=meeting.learner, now=MONDAY + HOUR),
    ],
    ids=["reschedule", "cancel", "complete"],
)
def test_of_two_who_saw_the_same_meeting_one_wins(first, second, request):
    """Repeating the same change is harmless; a different one is refused and changes nothing."""
    meeting = book(MentorFactory(), UserFactory())
    stale = Meeting.objects.get(pk=meeting.pk)
    first(meeting)
    after = Meeting.objects.values().get(), cells_of(meeting.learner), cells_of(meeting.mentor)
    one, two = request.node.callspec.id.split("-")

    if one == two != "reschedule":
        second(stale)
    else:
        with pytest.raises(WrongStatus):
            second(stale)

    assert (
        Meeting.objects.values().get(),
        cells_of(meeting.learner),
        cells_of(meeting.mentor),
    ) == after


def test_two_who_join_from_the_same_sight_both_get_the_room():
    meeting = MeetingFactory()
    stale = Meeting.objects.get(pk=meeting.pk)

    assert lifecycle.join(meeting, by=meeting.learner, now=MONDAY) == meeting.meeting_link
    assert lifecycle.join(stale, by=stale.mentor, now=MONDAY) == meeting.meeting_link
    assert Meeting.objects.get().status == Status.IN_PROGRESS


def test_who_joins_while_the_other_edits_puts_it_in_progress():
    meeting = MeetingFactory()
    stale = Meeting.objects.get(pk=meeting.pk)
    texts.edit(meeting, by=meeting.learner, subject="Recursion", now=MONDAY)

    assert lifecycle.join(stale, by=stale.mentor, now=MONDAY) == meeting.meeting_link
    assert Meeting.objects.get().status == Status.IN_PROGRESS


def test_join_after_a_cancel_that_was_not_seen_is_refused():
    meeting = MeetingFactory()
    stale = Meeting.objects.get(pk=meeting.pk)
    lifecycle.cancel(meeting, by=meeting.learner, now=NOW)

    with pytest.raises(WrongStatus):
        lifecycle.join(stale, by=stale.mentor, now=MONDAY)


def test_whose_people_are_gone_is_called_off():
    leaving, staying = MentorFactory(), MentorFactory()
    ahead = book(leaving, UserFactory())
    past = MeetingFactory(mentor=leaving.user, scheduled_at=NOW - 3 * HOUR)
    running = MeetingFactory(
        mentor=leaving.user, scheduled_at=NOW - CELL, status=Status.IN_PROGRESS
    )
    other = book(staying, UserFactory())
    User.objects.filter(pk=leaving.pk).update(is_active=False)

    assert lifecycle.cancel_without_people(NOW) == 1
    assert lifecycle.cancel_without_people(NOW) == 0

    statuses = dict(Meeting.objects.values_list("pk", "status"))
    assert statuses == {
        ahead.pk: Status.CANCELLED,
        past.pk: Status.SCHEDULED,
        running.pk: Status.IN_PROGRESS,
        other.pk: Status.SCHEDULED,
    }
    assert cells_of(ahead.learner) == []


def test_complete_overdue_takes_those_in_progress_that_are_over():
    over = MeetingFactory(status=Status.IN_PROGRESS)
    just_running = MeetingFactory(scheduled_at=MONDAY + CELL, status=Status.IN_PROGRESS)
    unanswered = MeetingFactory()

    assert lifecycle.complete_overdue(MONDAY + HOUR) == 1

    statuses = dict(Meeting.objects.values_list("pk", "status"))
    assert statuses == {
        over.pk: Status.COMPLETED,
        just_running.pk: Status.IN_PROGRESS,
        unanswered.pk: Status.SCHEDULED,
    }
    with pytest.raises(WrongStatus):
        lifecycle.cancel(over, by=over.learner)


def test_a_new_room_of_the_mentors_comes_with_the_next_change():
    mentor = MentorFactory(room_url="https://rooms.example.com/old")
    meeting = book(mentor, UserFactory())
    before = meeting.meeting_link
    MentorProfile.objects.filter(pk=mentor.pk).update(room_url="https://rooms.example.com/new")
    meeting = Meeting.objects.with_rules().get(pk=meeting.pk)

    lifecycle.reschedule(meeting, to=MONDAY + timedelta(hours=3), by=meeting.learner, now=NOW)

    assert before == "https://rooms.example.com/old"
    assert meeting.meeting_link == "https://rooms.example.com/new"
    assert Meeting.objects.get(pk=meeting.pk).meeting_link == "https://rooms.example.com/new"


def test_another_text_is_no_reason_against_a_cancellation():
    meeting = book(MentorFactory(), UserFactory())
    other = Meeting.objects.get(pk=meeting.pk)
    texts.edit(other, by=other.mentor, subject="Other loops", now=NOW)

    lifecycle.cancel(meeting, by=meeting.learner, now=NOW)

    assert Meeting.objects.get(pk=meeting.pk).status == Status.CANCELLED


def test_a_change_leaves_the_object_as_it_is_stored():
    meeting = book(MentorFactory(), UserFactory())

    lifecycle.reschedule(meeting, to=MONDAY + timedelta(hours=3), by=meeting.learner, now=NOW)

    stored = Meeting.objects.get(pk=meeting.pk)
    # MongoDB stores milliseconds, which is also what the API answers.
    assert in_json(meeting.updated_at) == in_json(stored.updated_at)
