from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from accounts.models import MentorProfile, User
from meetings.domain.errors import (
    BeyondHorizon,
    DurationNotOffered,
    MentorUnavailable,
    NotOffered,
    OffGrid,
    SlotTaken,
    TooManyMeetings,
    TooSoon,
    WrongStatus,
)
from meetings.domain.grid import CELL
from meetings.domain.policy import Status
from meetings.models import BusyCell, Meeting
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def book(mentor, learner, start=MONDAY, duration=60, now=NOW, **fields):
    return Meeting.book(
        mentor=mentor.user,
        learner=learner,
        start=start,
        duration=duration,
        now=now,
        **{"subject": "Loops", **fields},
    )


def cells_of(person):
    return sorted(BusyCell.objects.filter(person=person).values_list("starts_at", flat=True))


def test_book_refuses_before_the_notice_and_beyond_the_horizon():
    mentor, learner = MentorFactory(notice=120, horizon=2), UserFactory()

    with pytest.raises(TooSoon) as refusal:
        book(mentor, learner, start=NOW + HOUR)
    with pytest.raises(BeyondHorizon):
        book(mentor, learner, start=NOW + timedelta(days=2) + CELL)

    assert refusal.value.nearest == [NOW + 2 * HOUR + n * timedelta(minutes=30) for n in range(3)]
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
        Meeting.book(
            mentor=UserFactory(),
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
    mentor, learner = MentorFactory(gap=30, slot_step=15), UserFactory()

    book(mentor, learner, duration=30)

    assert cells_of(learner) == [MONDAY, MONDAY + CELL]
    assert cells_of(mentor.user) == [MONDAY + n * CELL for n in range(4)]
    with pytest.raises(SlotTaken):
        book(mentor, UserFactory(), start=MONDAY + 3 * CELL, duration=30)
    with pytest.raises(SlotTaken):
        book(mentor, UserFactory(), start=MONDAY - 3 * CELL, duration=30)
    assert book(mentor, UserFactory(), start=MONDAY - 4 * CELL, duration=30)
    assert book(mentor, UserFactory(), start=MONDAY + 4 * CELL, duration=30)


def test_a_mentor_who_learns_elsewhere_is_busy_then():
    """Both roles count, whichever way round."""
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


def test_a_form_sent_twice_books_once_even_at_the_limit(settings):
    settings.UPCOMING_MEETINGS_LIMIT = 1
    mentor, learner, key = MentorFactory(), UserFactory(), uuid4()

    first = book(mentor, learner, form_key=key)

    assert book(mentor, learner, form_key=key) == first
    assert Meeting.objects.count() == 1


def test_one_form_can_book_another_time_and_another_mentor():
    mentor, learner, key = MentorFactory(), UserFactory(), uuid4()

    first = book(mentor, learner, form_key=key)
    second = book(mentor, learner, start=MONDAY + HOUR, form_key=key)
    third = book(MentorFactory(), learner, start=MONDAY + 3 * HOUR, form_key=key)

    assert len({first.pk, second.pk, third.pk}) == 3


def test_somebody_elses_form_key_is_worth_nothing():
    mentor, key = MentorFactory(), uuid4()
    theirs = book(mentor, UserFactory(), form_key=key)
    theirs.cancel(by=theirs.learner, now=NOW)

    mine = book(mentor, UserFactory(), form_key=key)

    assert mine != theirs


def test_saving_a_refused_meeting_at_another_time_takes_its_cells():
    taken = MeetingFactory()
    meeting = MeetingFactory.build(mentor=taken.mentor, learner=UserFactory(), scheduled_at=MONDAY)
    with pytest.raises(SlotTaken):
        meeting.save()

    meeting.scheduled_at = MONDAY + HOUR
    meeting.save()

    assert cells_of(meeting.learner) == [MONDAY + HOUR + n * CELL for n in range(4)]


def test_a_meeting_off_the_grid_takes_every_cell_that_it_touches():
    meeting = MeetingFactory(scheduled_at=MONDAY + MINUTE, duration=30)

    assert cells_of(meeting.learner) == [MONDAY + n * CELL for n in range(3)]


def test_reschedule_uses_the_gap_of_today():
    mentor = MentorFactory(gap=0)
    meeting = book(mentor, UserFactory())
    MentorProfile.objects.filter(pk=mentor.pk).update(gap=60)

    meeting.reschedule(to=MONDAY + HOUR, by=meeting.mentor, now=NOW)

    assert len(cells_of(mentor.user)) == 8
    assert len(cells_of(meeting.learner)) == 4


def test_reschedule_to_the_time_it_has_is_harmless():
    meeting = book(MentorFactory(), UserFactory())
    before = Meeting.objects.values().get()

    meeting.reschedule(to=MONDAY, by=meeting.learner, now=NOW)

    assert Meeting.objects.values().get() == before


def test_reschedule_to_a_taken_time_keeps_the_old_one():
    mentor, learner = MentorFactory(), UserFactory()
    meeting = book(mentor, learner)
    book(mentor, UserFactory(), start=MONDAY + 2 * HOUR)
    before = Meeting.objects.filter(pk=meeting.pk).values().get(), cells_of(learner)

    with pytest.raises(SlotTaken) as refusal:
        meeting.reschedule(to=MONDAY + 2 * HOUR, by=learner, now=NOW)

    assert (Meeting.objects.filter(pk=meeting.pk).values().get(), cells_of(learner)) == before
    assert refusal.value.nearest == [
        MONDAY + 30 * MINUTE,
        MONDAY + HOUR,
        MONDAY + 3 * HOUR,
    ]


def test_reschedule_works_for_a_mentor_who_is_not_listed_any_more_but_not_without_people():
    mentor = MentorFactory()
    meeting = book(mentor, UserFactory())
    MentorProfile.objects.filter(pk=mentor.pk).update(is_listed=False)

    meeting.reschedule(to=MONDAY + HOUR, by=meeting.learner, now=NOW)

    User.objects.filter(pk=mentor.pk).update(is_active=False)
    with pytest.raises(MentorUnavailable):
        meeting.reschedule(to=MONDAY, by=meeting.learner, now=NOW)


@pytest.mark.parametrize(
    "second",
    [
        lambda stale: stale.cancel(by=stale.mentor, now=NOW),
        lambda stale: stale.reschedule(to=MONDAY + 3 * HOUR, by=stale.mentor, now=NOW),
        lambda stale: stale.reschedule(to=MONDAY, by=stale.mentor, now=NOW),
        lambda stale: stale.complete(by=stale.mentor, now=MONDAY + HOUR),
    ],
    ids=["cancel", "reschedule", "stay", "complete"],
)
@pytest.mark.parametrize(
    "first",
    [
        lambda meeting: meeting.reschedule(to=MONDAY + HOUR, by=meeting.learner, now=NOW),
        lambda meeting: meeting.cancel(by=meeting.learner, now=NOW),
        lambda meeting: meeting.complete(by=meeting.learner, now=MONDAY + HOUR),
    ],
    ids=["reschedule", "cancel", "complete"],
)
def test_of_two_who_saw_the_same_meeting_one_wins(first, second, request):
    """The same wish twice is harmless; anything else is refused and changes nothing."""
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
    meeting = MeetingFactory(meeting_link="https://rooms.example.com/1")
    stale = Meeting.objects.get(pk=meeting.pk)

    assert meeting.join(by=meeting.learner, now=MONDAY) == "https://rooms.example.com/1"
    assert stale.join(by=stale.mentor, now=MONDAY) == "https://rooms.example.com/1"
    assert Meeting.objects.get().status == Status.IN_PROGRESS


def test_who_joins_while_the_other_edits_puts_it_in_progress():
    meeting = MeetingFactory(meeting_link="https://rooms.example.com/1")
    stale = Meeting.objects.get(pk=meeting.pk)
    meeting.edit(by=meeting.learner, subject="Recursion", now=MONDAY)

    assert stale.join(by=stale.mentor, now=MONDAY) == "https://rooms.example.com/1"
    assert Meeting.objects.get().status == Status.IN_PROGRESS


def test_join_after_a_cancel_that_was_not_seen_is_refused():
    meeting = MeetingFactory(meeting_link="https://rooms.example.com/1")
    stale = Meeting.objects.get(pk=meeting.pk)
    meeting.cancel(by=meeting.learner, now=NOW)

    with pytest.raises(WrongStatus):
        stale.join(by=stale.mentor, now=MONDAY)


def test_whose_people_are_gone_is_called_off():
    leaving, staying = MentorFactory(), MentorFactory()
    ahead = book(leaving, UserFactory())
    past = MeetingFactory(mentor=leaving.user, scheduled_at=NOW - 3 * HOUR)
    running = MeetingFactory(
        mentor=leaving.user, scheduled_at=NOW - CELL, status=Status.IN_PROGRESS
    )
    other = book(staying, UserFactory())
    User.objects.filter(pk=leaving.pk).update(is_active=False)

    assert Meeting.cancel_without_people(NOW) == 1
    assert Meeting.cancel_without_people(NOW) == 0

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

    assert Meeting.objects.complete_overdue(MONDAY + HOUR) == 1

    statuses = dict(Meeting.objects.values_list("pk", "status"))
    assert statuses == {
        over.pk: Status.COMPLETED,
        just_running.pk: Status.IN_PROGRESS,
        unanswered.pk: Status.SCHEDULED,
    }
    with pytest.raises(WrongStatus):
        over.cancel(by=over.learner)
