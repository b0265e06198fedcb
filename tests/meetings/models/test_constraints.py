"""Rows that the database refuses, whatever code stores them."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from meetings.models import (
    BookingRules,
    BusyCell,
    CalendarEvent,
    DayOff,
    ExtraHours,
    Meeting,
    PrivateNote,
    SessionType,
    WeeklyHours,
)
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "change",
    [
        {"duration": 45},
        {"duration": 0},
        {"ends_at": MONDAY},
        {"ends_at": MONDAY - HOUR},
        {"status": "lost"},
        {"status": ""},
        {"subject": ""},
        {"rating": 5},
        {"rating": 0, "status": "completed"},
        {"rating": 6, "status": "completed"},
    ],
)
def test_a_meeting_cannot_be_updated_into_nonsense(change):
    meeting = MeetingFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(**change)

    assert Meeting.objects.get() == meeting


def test_synced_cannot_exceed_sequence():
    event = MeetingFactory().calendar_event

    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarEvent.objects.update(synced=2)

    event.refresh_from_db()
    assert (event.sequence, event.synced) == (1, 1)


def test_nobody_meets_themselves():
    meeting = MeetingFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(learner=meeting.mentor)
    with pytest.raises(IntegrityError), transaction.atomic():
        MeetingFactory(mentor=meeting.mentor, learner=meeting.mentor, scheduled_at=MONDAY + HOUR)


@pytest.mark.parametrize("field", ["join_token", "request_key"])
def test_the_join_token_and_the_request_key_of_a_meeting_are_unique(field):
    first = MeetingFactory(request_key=Meeting().pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        MeetingFactory(**{field: getattr(first, field)})


def test_a_quarter_of_an_hour_of_a_person_is_taken_once():
    meeting, other = MeetingFactory(), MeetingFactory()
    theirs = BusyCell.objects.of(BusyCell.OwnerKind.MEETING, other.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        BusyCell.objects.bulk_create(
            [BusyCell(person=meeting.learner, starts_at=MONDAY, owner_id=other.pk)]
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        theirs.filter(person=other.learner).update(person=meeting.learner)


@pytest.mark.parametrize(("starts", "ends"), [(600, 600), (660, 600), (600, 1441)])
def test_a_range_of_hours_ends_after_it_starts_within_its_day(starts, ends):
    mentor = UserFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        WeeklyHours.objects.create(mentor=mentor, weekday=0, starts=starts, ends=ends)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExtraHours.objects.create(mentor=mentor, day=date(2027, 3, 1), starts=starts, ends=ends)


def test_hours_and_days_off_stand_once():
    mentor, day = UserFactory(), date(2027, 3, 1)
    WeeklyHours.objects.create(mentor=mentor, weekday=0, starts=0, ends=60)
    ExtraHours.objects.create(mentor=mentor, day=day, starts=0, ends=60)
    DayOff.objects.create(mentor=mentor, first_day=day, last_day=day)

    with pytest.raises(IntegrityError), transaction.atomic():
        WeeklyHours.objects.create(mentor=mentor, weekday=0, starts=0, ends=90)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExtraHours.objects.create(mentor=mentor, day=day, starts=0, ends=90)
    with pytest.raises(IntegrityError), transaction.atomic():
        DayOff.objects.create(mentor=mentor, first_day=day, last_day=day)
    with pytest.raises(IntegrityError), transaction.atomic():
        DayOff.objects.create(mentor=mentor, first_day=day, last_day=day - timedelta(days=1))


def test_a_person_has_one_private_note_a_meeting():
    meeting = MeetingFactory()
    PrivateNote.objects.create(meeting=meeting, author=meeting.learner, text="one")

    with pytest.raises(IntegrityError), transaction.atomic():
        PrivateNote.objects.create(meeting=meeting, author=meeting.learner, text="two")


@pytest.mark.parametrize(
    "change",
    [{"gap_before": 10}, {"gap_after": 10}, {"gap_after": 75}, {"step": 20}, {"horizon": 181}],
)
def test_rules_that_no_grid_knows_are_refused(change):
    MentorFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        BookingRules.objects.update(**change)


@pytest.mark.parametrize("change", [{"gap_before": 10}, {"gap_after": 75}])
def test_no_session_type_has_a_gap_that_no_grid_knows(change):
    MentorFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        SessionType.objects.update(**change)
