from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.test import TestCase

from accounts.models import User
from meetings.booking import lifecycle
from meetings.booking.book import book as book_meeting
from meetings.domain.errors import (
    BeyondHorizon,
    DayFull,
    DurationNotOffered,
    MentorUnavailable,
    NotOffered,
    OffGrid,
    OwnMentor,
    OwnTimeTaken,
    SlotTaken,
    TooManyMeetings,
    TooSoon,
)
from meetings.domain.grid import CELL
from meetings.domain.policy import Status
from meetings.integrations.calendar import RoomProvider
from meetings.models import BookingRules, BusyCell, Meeting, SessionType
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.booking.bookings import NOW, book, cells_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_book_refuses_before_the_notice_and_beyond_the_horizon():
    mentor, learner = MentorFactory(notice=120, horizon=2), UserFactory()

    with pytest.raises(TooSoon) as refusal:
        book(mentor, learner, start=NOW + HOUR)
    with pytest.raises(BeyondHorizon):
        book(mentor, learner, start=NOW + timedelta(days=2) + CELL)

    assert refusal.value.nearest == [NOW + 2 * HOUR + n * 30 * MINUTE for n in range(3)]
    assert book(mentor, learner, start=NOW + 2 * HOUR)
    assert book(mentor, learner, start=NOW + timedelta(days=2))


@pytest.mark.parametrize(
    ("start", "duration", "error"),
    [
        (MONDAY + MINUTE, 60, OffGrid),
        (MONDAY + CELL, 60, NotOffered),
        (MONDAY, 45, DurationNotOffered),
        (MONDAY, 120, DurationNotOffered),
        (NOW - HOUR, 60, TooSoon),
        (datetime(1971, 1, 1, tzinfo=UTC), 60, TooSoon),
        (datetime(8999, 12, 31, tzinfo=UTC), 60, BeyondHorizon),
    ],
)
def test_book_refuses_what_is_not_offered_and_stores_nothing(start, duration, error):
    mentor = MentorFactory(durations=[30, 60])

    with pytest.raises(error):
        book(mentor, UserFactory(), start=start, duration=duration)

    assert not Meeting.objects.exists()
    assert not BusyCell.objects.exists()


def test_book_takes_an_instant_in_any_zone():
    in_nepal = MONDAY.astimezone(timezone(timedelta(hours=5, minutes=45)))

    meeting = book(MentorFactory(), UserFactory(), start=in_nepal)

    meeting.refresh_from_db()
    assert meeting.scheduled_at == MONDAY


def test_two_hours_across_a_clock_change_are_stored_as_120_minutes():
    mentor = MentorFactory(user__timezone="Europe/Berlin")
    before_the_change = datetime(2027, 3, 28, 0, tzinfo=UTC)

    meeting = book(
        mentor, UserFactory(), start=before_the_change, duration=120, now=before_the_change - HOUR
    )

    assert meeting.ends_at - meeting.scheduled_at == timedelta(minutes=120)
    assert len(cells_of(meeting.learner)) == 8


@pytest.mark.parametrize(
    "change", [{"is_listed": False}, {"user__is_active": False}], ids=["unlisted", "deactivated"]
)
def test_book_refuses_a_mentor_who_cannot_be_found(change):
    mentor = MentorFactory(**change)

    with pytest.raises(MentorUnavailable):
        book(mentor, UserFactory())


def test_book_refuses_whom_only_the_database_knows_to_be_gone():
    mentor, learner = MentorFactory(), UserFactory()
    User.objects.filter(pk=learner.pk).update(is_active=False)

    assert learner.is_active
    with pytest.raises(MentorUnavailable):
        book(mentor, learner)
    assert not Meeting.objects.exists()


def test_book_refuses_somebody_who_is_no_mentor():
    with pytest.raises(MentorUnavailable):
        book_meeting(
            mentor_id=UserFactory().pk,
            learner=UserFactory(),
            subject="Loops",
            start=MONDAY,
            duration=60,
            now=NOW,
        )


@pytest.mark.parametrize("subject", ["", "two\nlines", "\x00", "x" * 201, "\u202egnikcat"])
def test_book_refuses_a_subject_that_is_not_fit(subject):
    with pytest.raises(ValidationError):
        book(MentorFactory(), UserFactory(), subject=subject)

    assert not BusyCell.objects.exists()


def test_the_gap_is_the_mentors_alone_and_comes_after():
    mentor, learner = MentorFactory(gap_after=30, step=15), UserFactory()

    book(mentor, learner, duration=30)

    assert cells_of(learner) == [MONDAY, MONDAY + CELL]
    assert cells_of(mentor.user) == [MONDAY + n * CELL for n in range(4)]
    with pytest.raises(SlotTaken):
        book(mentor, UserFactory(), start=MONDAY + 3 * CELL, duration=30)
    with pytest.raises(SlotTaken):
        book(mentor, UserFactory(), start=MONDAY - 3 * CELL, duration=30)
    assert book(mentor, UserFactory(), start=MONDAY - 4 * CELL, duration=30)
    assert book(mentor, UserFactory(), start=MONDAY + 4 * CELL, duration=30)


def test_the_gap_before_is_the_mentors_alone_too():
    mentor, learner = MentorFactory(gap_before=30, step=15), UserFactory()

    book(mentor, learner, duration=30)

    assert cells_of(learner) == [MONDAY, MONDAY + CELL]
    assert cells_of(mentor.user) == [MONDAY + n * CELL for n in range(-2, 2)]
    with pytest.raises(SlotTaken):
        book(mentor, UserFactory(), start=MONDAY - 3 * CELL, duration=30)
    with pytest.raises(SlotTaken):
        book(mentor, UserFactory(), start=MONDAY + 3 * CELL, duration=30)
    assert book(mentor, UserFactory(), start=MONDAY - 4 * CELL, duration=30)
    assert book(mentor, UserFactory(), start=MONDAY + 4 * CELL, duration=30)


def test_a_mentor_who_learns_elsewhere_is_busy_then():
    """A mentor's meetings as a learner count too, and the other way round."""
    mentor, other = MentorFactory(), MentorFactory()
    book(other, mentor.user)

    with pytest.raises(SlotTaken) as refusal:
        book(mentor, UserFactory(), start=MONDAY - HOUR, duration=90)

    assert refusal.value.code == "slot_taken"
    assert book(mentor, UserFactory(), start=MONDAY + HOUR)


def test_the_limit_counts_what_is_ahead_and_active(settings):
    settings.UPCOMING_MEETINGS_LIMIT = 1
    learner = UserFactory()
    for start, status in (
        (NOW - 5 * HOUR, Status.SCHEDULED),
        (MONDAY + HOUR, Status.CANCELLED),
        (MONDAY + 2 * HOUR, Status.COMPLETED),
    ):
        MeetingFactory(learner=learner, scheduled_at=start, status=status)
    as_mentor = MentorFactory(user=learner)
    book(as_mentor, UserFactory(), start=MONDAY + 3 * HOUR)

    book(MentorFactory(), learner)

    with pytest.raises(TooManyMeetings, match="You have 1 upcoming meetings"):
        book(MentorFactory(), learner, start=MONDAY + 5 * HOUR)


@pytest.mark.parametrize("limited", [BookingRules, SessionType])
def test_book_refuses_more_a_day_than_the_mentor_wants(limited):
    mentor = MentorFactory(durations=[60], step=60)
    limited.objects.update(most_a_day=2)
    first = book(mentor, UserFactory())
    book(mentor, UserFactory(), start=MONDAY + 2 * HOUR)

    with pytest.raises(DayFull) as refusal:
        book(mentor, UserFactory(), start=MONDAY + 4 * HOUR)

    midnight = MONDAY + 12 * HOUR
    assert refusal.value.code == "not_offered"
    assert refusal.value.nearest == [midnight, midnight + HOUR, midnight + 2 * HOUR]
    assert Meeting.objects.count() == 2
    assert book(mentor, UserFactory(), start=midnight)
    lifecycle.cancel(first, by=first.learner, now=NOW)
    assert book(mentor, UserFactory(), start=MONDAY + 4 * HOUR)


def test_a_form_sent_twice_books_once_even_at_the_limit(settings):
    settings.UPCOMING_MEETINGS_LIMIT = 1
    mentor, learner, key = MentorFactory(), UserFactory(), uuid4()

    first = book(mentor, learner, form_key=key)

    assert book(mentor, learner, form_key=key) == first
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda meeting: lifecycle.cancel(meeting, by=meeting.learner, now=NOW),
        lambda meeting: lifecycle.reschedule(
            meeting, to=MONDAY + 3 * HOUR, by=meeting.mentor, now=NOW
        ),
    ],
    ids=["called off", "moved"],
)
def test_a_form_sent_again_finds_its_meeting_whatever_became_of_it(change):
    mentor, learner, key = MentorFactory(), UserFactory(), uuid4()
    meeting = book(mentor, learner, form_key=key)
    change(meeting)
    before = Meeting.objects.values().get(), cells_of(learner)

    assert book(mentor, learner, form_key=key) == meeting
    assert (Meeting.objects.values().get(), cells_of(learner)) == before


def test_one_form_can_book_another_time_and_another_mentor():
    mentor, learner, key = MentorFactory(), UserFactory(), uuid4()

    first = book(mentor, learner, form_key=key)
    second = book(mentor, learner, start=MONDAY + HOUR, form_key=key)
    third = book(MentorFactory(), learner, start=MONDAY + 3 * HOUR, form_key=key)

    assert len({first.pk, second.pk, third.pk}) == 3


def test_somebody_elses_form_key_is_worth_nothing():
    mentor, key = MentorFactory(), uuid4()
    theirs = book(mentor, UserFactory(), form_key=key)
    lifecycle.cancel(theirs, by=theirs.learner, now=NOW)

    mine = book(mentor, UserFactory(), form_key=key)

    assert mine != theirs


def test_book_stores_the_meeting_its_cells_and_the_room():
    mentor, learner = MentorFactory(gap_after=15), UserFactory()

    with TestCase.captureOnCommitCallbacks(execute=True):
        meeting = book(mentor, learner)

    meeting.refresh_from_db()
    assert meeting.status == Status.SCHEDULED
    assert meeting.ends_at == MONDAY + HOUR
    assert meeting.meeting_link.startswith("https://meet.jit.si/p2plearn-")
    assert meeting.link_provider == RoomProvider.OPEN_ROOM
    assert not meeting.calendar_event.is_behind
    assert cells_of(learner) == [MONDAY + n * CELL for n in range(4)]
    assert cells_of(mentor.user) == [MONDAY + n * CELL for n in range(5)]
    owned = BusyCell.objects.of(BusyCell.OwnerKind.MEETING, meeting.pk)
    assert owned.count() == BusyCell.objects.count() == 9


def test_book_refuses_a_taken_slot_and_names_the_nearest():
    mentor = MentorFactory()
    book(mentor, UserFactory())

    with pytest.raises(SlotTaken) as refusal:
        book(mentor, UserFactory(), start=MONDAY + 30 * MINUTE, duration=30)

    assert refusal.value.code == "slot_taken"
    assert refusal.value.nearest == [
        MONDAY - 30 * MINUTE,
        MONDAY + HOUR,
        MONDAY + 90 * MINUTE,
    ]


def test_book_tells_who_is_busy():
    learner = UserFactory()
    book(MentorFactory(), learner)

    with pytest.raises(OwnTimeTaken):
        book(MentorFactory(), learner)


def test_book_refuses_oneself_closed_hours_and_the_limit(settings):
    mentor = MentorFactory(weekly={0: [(0, 60)]})
    settings.UPCOMING_MEETINGS_LIMIT = 1
    learner = UserFactory()

    with pytest.raises(OwnMentor):
        book(mentor, mentor.user)
    with pytest.raises(NotOffered):
        book(mentor, learner)
    book(MentorFactory(), learner)
    with pytest.raises(TooManyMeetings):
        book(MentorFactory(), learner, start=MONDAY + 5 * HOUR)
