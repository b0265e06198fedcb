from datetime import timedelta

import pytest

from meetings.booking import lifecycle, texts
from meetings.domain.errors import BookingError, WrongStatus
from meetings.domain.policy import Status
from meetings.models import Meeting, MeetingEvent
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.booking.bookings import NOW, book

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LATER = MONDAY + HOUR
NOON, ONE = "2027-03-01T12:00:00+00:00", "2027-03-01T13:00:00+00:00"


def history(meeting):
    """`[(number, kind, actor, before, after)]`, oldest first."""
    return [
        (each.number, each.kind, each.actor, each.before, each.after)
        for each in MeetingEvent.objects.of(meeting.pk)
    ]


def test_a_meeting_that_takes_place_leaves_a_row_for_each_thing_that_was_done():
    meeting = book(MentorFactory(), UserFactory())
    mentor, learner = meeting.mentor, meeting.learner
    lifecycle.reschedule(meeting, to=LATER, by=mentor, now=NOW)
    texts.edit(meeting, by=learner, subject="Lists", description="And sets", now=NOW)
    lifecycle.join(meeting, by=mentor, now=LATER)
    lifecycle.complete(meeting, by=learner, now=LATER)
    texts.rate(meeting, rating=4, feedback="Clear", by=learner, now=LATER)

    words = {"changed": ["description", "subject"]}
    assert history(meeting) == [
        (0, "booked", learner, {}, {"scheduled_at": NOON, "status": "scheduled"}),
        (1, "moved", mentor, {"scheduled_at": NOON}, {"scheduled_at": ONE}),
        (2, "edited", learner, words, words),
        (3, "started", mentor, {"status": "scheduled"}, {"status": "in-progress"}),
        (4, "completed", learner, {"status": "in-progress"}, {"status": "completed"}),
        (4, "rated", learner, {}, {"rating": 4}),
    ]


@pytest.mark.parametrize("role", ["mentor", "learner", "staff"])
def test_a_cancellation_says_who_did_it_and_not_why(role):
    meeting, staff = MeetingFactory(), UserFactory(is_staff=True)
    person = staff if role == "staff" else getattr(meeting, role)

    lifecycle.cancel(meeting, by=person, reason="I am ill", now=NOW)

    assert history(meeting)[1:] == [
        (1, "cancelled", person, {"status": "scheduled"}, {"status": "cancelled"})
    ]


def test_what_the_site_does_by_itself_nobody_has_done():
    lost = MeetingFactory(learner__is_active=False)
    over = MeetingFactory(status=Status.IN_PROGRESS, scheduled_at=NOW - 2 * HOUR)

    lifecycle.cancel_without_people(NOW)
    lifecycle.complete_overdue(NOW)

    assert [row[1:3] for row in history(lost)] == [("booked", lost.learner), ("cancelled", None)]
    assert [row[1:3] for row in history(over)] == [("booked", over.learner), ("completed", None)]


def test_each_row_says_when():
    meeting = MeetingFactory()
    created_at = Meeting.objects.get(pk=meeting.pk).created_at

    lifecycle.reschedule(meeting, to=LATER, by=meeting.mentor, now=NOW)
    lifecycle.cancel(meeting, by=meeting.mentor, now=NOW + HOUR)

    booked, moved, cancelled = MeetingEvent.objects.of(meeting.pk)
    assert (booked.at, moved.at, cancelled.at) == (created_at, NOW, NOW + HOUR)
    assert (moved.was_at, moved.now_at) == (MONDAY, LATER)
    assert (cancelled.was_at, cancelled.now_at) == (None, None)


def test_what_is_refused_or_changes_nothing_leaves_no_row():
    meeting = MeetingFactory()
    taken = MeetingFactory(mentor=meeting.mentor, scheduled_at=LATER)
    stranger, stale = UserFactory(), Meeting.objects.get(pk=meeting.pk)
    everything = MeetingEvent.objects.order_by("meeting", "number")

    for refused in (
        lambda: book(meeting.mentor.mentor_profile, stranger),
        lambda: MeetingFactory(mentor=meeting.mentor),
        lambda: lifecycle.reschedule(meeting, to=taken.scheduled_at, by=meeting.mentor, now=NOW),
        lambda: meeting.move(taken.scheduled_at, by=meeting.mentor, now=NOW),
        lambda: lifecycle.cancel(meeting, by=stranger, now=NOW),
        lambda: lifecycle.join(meeting, by=meeting.learner, now=NOW),
        lambda: lifecycle.complete(meeting, by=meeting.learner, now=NOW),
        lambda: texts.rate(meeting, rating=4, by=meeting.learner, now=NOW),
    ):
        with pytest.raises(BookingError):
            refused()
    lifecycle.reschedule(meeting, to=MONDAY, by=meeting.mentor, now=NOW)
    texts.edit(meeting, by=meeting.mentor, subject=meeting.subject, now=NOW)
    assert [row.kind for row in everything] == ["booked", "booked"]

    lifecycle.cancel(meeting, by=meeting.mentor, now=NOW)
    lifecycle.cancel(stale, by=stale.learner, now=NOW)
    with pytest.raises(WrongStatus):
        texts.edit(stale, by=stale.learner, subject="Lists", now=NOW)
    assert [row[1] for row in history(meeting)] == ["booked", "cancelled"]
    assert [row[1] for row in history(taken)] == ["booked"]


def test_a_change_that_does_not_stand_is_no_history():
    meeting = MeetingFactory()
    stale = Meeting.objects.get(pk=meeting.pk)
    meeting.move(LATER, by=meeting.mentor, now=NOW)

    for change in (
        lambda: stale.move(LATER, by=stale.mentor, now=NOW),
        lambda: stale.cancel(by=stale.mentor, now=NOW),
        lambda: stale.edit(by=stale.mentor, now=NOW, subject="Lists"),
        lambda: stale.start(by=stale.mentor, now=NOW),
        lambda: stale.finish(by=stale.mentor, now=NOW),
    ):
        with pytest.raises(WrongStatus):
            change()

    assert [row[1] for row in history(meeting)] == ["booked", "moved"]


def test_the_history_is_only_added_to():
    meeting = MeetingFactory()
    row = MeetingEvent.objects.get()
    before = MeetingEvent.objects.values().get()

    for change in (
        lambda: MeetingEvent.objects.update(kind="cancelled"),
        lambda: MeetingEvent.objects.of(meeting.pk).delete(),
        lambda: meeting.history.update(kind="cancelled"),
        row.save,
        row.delete,
    ):
        with pytest.raises(TypeError, match="only added to"):
            change()

    assert MeetingEvent.objects.values().get() == before


def test_it_goes_with_its_meeting_and_outlasts_whoever_did_it():
    kept, gone, staff = MeetingFactory(), MeetingFactory(), UserFactory(is_staff=True)
    lifecycle.cancel(kept, by=staff, now=NOW)
    Meeting.objects.filter(pk=kept.pk).update(cancelled_by=None)

    gone.delete()
    staff.delete()

    assert [row[:3] for row in history(kept)] == [
        (0, "booked", kept.learner),
        (1, "cancelled", None),
    ]
    assert MeetingEvent.objects.count() == 2
