"""Many people press a button at the same moment, on several processes of the real site."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from meetings.domain.policy import Status
from meetings.models import Meeting
from tests.e2e.races.database import assert_nobody_is_booked_twice
from tests.e2e.races.visitors import at_once
from tests.factories import MeetingFactory

pytestmark = pytest.mark.race

ROUNDS = 20
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TAKEN = "That time has just been taken. Please pick another one."
NEAREST = "These are the nearest free times."


def rounds() -> Iterator[datetime]:
    """Ten o'clock on another free day for each round."""
    tomorrow = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
    for days in range(2, ROUNDS + 2):
        yield tomorrow + timedelta(days=days)


def booking(visitor, mentor, start, duration=60, key=None):
    """A function that sends the booking form."""
    return partial(
        visitor.post,
        f"/book-session/{mentor.pk}/",
        start=start.isoformat(),
        duration=duration,
        subject="Loops",
        description="",
        form_key=key or uuid4(),
    )


def press_on(visitor, meeting, verb, **fields):
    return partial(visitor.post, f"/meetings/{meeting.pk}/{verb}/", **fields)


def test_fifty_want_the_same_slot(site):
    mentor = site.mentors[0]
    for start in rounds():
        answers = at_once([booking(learner, mentor, start) for learner in site.learners])

        assert Counter(answer.status for answer in answers) == {303: 1, 409: 49}
        refusals = [answer.text for answer in answers if answer.status == 409]
        assert all(TAKEN in text and NEAREST in text for text in refusals)
        assert Meeting.objects.filter(scheduled_at=start).count() == 1


def test_what_overlaps_in_part(site):
    """10:00 to 11:00 overlaps with all the others except the last."""
    mentor = site.mentors[0]
    wishes = [(0, 60), (30, 60), (-30, 60), (-60, 120), (30, 30), (0, 120), (-30, 90), (120, 30)]
    for start in rounds():
        answers = at_once(
            [
                booking(learner, mentor, start + shift * MINUTE, duration)
                for learner, (shift, duration) in zip(site.learners, wishes, strict=False)
            ]
        )

        assert {answer.status for answer in answers} <= {303, 409}
        assert answers[-1].status == 303
        assert any(answer.status == 303 for answer in answers[:-1])
        assert all(TAKEN in answer.text for answer in answers if answer.status == 409)
        assert_nobody_is_booked_twice()


def test_one_person_in_both_roles(site):
    """The first mentor books the second, while others book the first mentor at that time."""
    first, second, third = site.mentors
    as_first, _as_second, as_third = site.as_mentors
    for start in rounds():
        answers = at_once(
            [
                booking(as_first, second, start),
                booking(site.learners[0], first, start + 30 * MINUTE),
                booking(as_third, first, start - 30 * MINUTE),
                booking(as_first, third, start),
            ]
        )

        assert {answer.status for answer in answers} <= {303, 409}
        assert any(answer.is_done for answer in answers)
        assert_nobody_is_booked_twice()


def test_two_move_into_the_same_slot(site):
    mentor, (one, other, *_rest) = site.mentors[0], site.learners
    for start in rounds():
        meetings = [
            MeetingFactory(
                mentor=mentor.user, learner=learner.user, scheduled_at=start + hours * HOUR
            )
            for learner, hours in ((one, 2), (other, 4))
        ]

        answers = at_once(
            [
                press_on(learner, meeting, "reschedule", start=start.isoformat())
                for learner, meeting in zip((one, other), meetings, strict=True)
            ]
        )

        assert sorted(answer.status for answer in answers) == [303, 409]
        assert all(TAKEN in answer.text for answer in answers if answer.status == 409)
        times = list(Meeting.objects.filter(pk__in=[each.pk for each in meetings]))
        kept = {meeting.pk: meeting.scheduled_at for meeting in meetings}
        assert sorted(each.scheduled_at == start for each in times) == [False, True]
        assert all(each.scheduled_at in (start, kept[each.pk]) for each in times)
        assert_nobody_is_booked_twice()


def test_a_slot_is_booked_and_moved_into(site):
    mentor, (one, *others) = site.mentors[0], site.learners[:6]
    for start in rounds():
        meeting = MeetingFactory(
            mentor=mentor.user, learner=one.user, scheduled_at=start + 3 * HOUR
        )

        answers = at_once(
            [
                press_on(one, meeting, "reschedule", start=start.isoformat()),
                *(booking(learner, mentor, start + 30 * MINUTE) for learner in others),
            ]
        )

        assert Counter(answer.status for answer in answers) == {303: 1, 409: len(others)}
        assert_nobody_is_booked_twice()


def test_cancel_against_reschedule_against_complete(site):
    """Before the start. The second one acts on the meeting as the first has left it."""
    mentor, as_mentor, learner = site.mentors[0], site.as_mentors[0], site.learners[0]
    for start in rounds():
        meeting = MeetingFactory(mentor=mentor.user, learner=learner.user, scheduled_at=start)
        to = start + 30 * MINUTE

        cancel, move, complete = at_once(
            [
                press_on(as_mentor, meeting, "cancel", reason=""),
                press_on(learner, meeting, "reschedule", start=to.isoformat()),
                press_on(learner, meeting, "complete"),
            ]
        )

        assert {cancel.status, move.status, complete.status} <= {302, 303, 409}
        assert complete.status == 409
        meeting.refresh_from_db()
        assert cancel.is_done is (meeting.status == Status.CANCELLED)
        assert move.is_done is (meeting.scheduled_at == to)
        assert cancel.is_done or move.is_done
        assert meeting.revision == cancel.is_done + move.is_done
        assert_nobody_is_booked_twice()


def test_cancel_against_join_against_complete(site):
    """After the start. A cancelled meeting is never started or completed, whoever is first."""
    mentor, as_mentor, learner = site.mentors[0], site.as_mentors[0], site.learners[0]
    for _start in rounds():
        started = timezone.now().replace(second=0, microsecond=0) - 10 * MINUTE
        meeting = MeetingFactory(
            mentor=mentor.user,
            learner=learner.user,
            scheduled_at=started,
            meeting_link="https://rooms.example.com/1",
        )

        cancel, join, complete, move = at_once(
            [
                press_on(as_mentor, meeting, "cancel", reason=""),
                partial(learner.post, meeting.join_path),
                press_on(learner, meeting, "complete"),
                press_on(as_mentor, meeting, "reschedule", start=(started + HOUR).isoformat()),
            ]
        )

        assert {cancel.status, join.status, complete.status} <= {200, 302, 409}
        assert move.status == 409
        meeting.refresh_from_db()
        assert cancel.is_done is (meeting.status == Status.CANCELLED)
        assert cancel.is_done is not (join.is_done or complete.is_done)
        assert_nobody_is_booked_twice()
        Meeting.objects.all().delete()


def test_a_form_sent_several_times_at_once_books_once(site):
    mentor, learner = site.mentors[0], site.learners[0]
    for start in rounds():
        press = booking(learner, mentor, start, key=uuid4())

        answers = at_once([press] * 4)

        assert [answer.status for answer in answers] == [303] * 4
        assert len({answer.location for answer in answers}) == 1
        assert Meeting.objects.filter(scheduled_at=start).count() == 1
