from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import MentorProfile, User
from meetings.booking import lifecycle
from meetings.booking.hours import add_days_off, replace_weekly_hours
from meetings.models import Meeting, SessionType
from meetings.scheduling.free_slots import schedules
from meetings.scheduling.next_free import (
    BELIEVED,
    BELIEVED_OF_A_BOOKING,
    next_free_was_taken,
    refresh_next_free,
    refresh_stale_next_free,
    upcoming_free,
)
from meetings.scheduling.slot_check import check_bookable
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.booking.bookings import book

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def known(profile):
    profile.refresh_from_db()
    return profile.next_free_at, profile.next_free_until


def is_stale(profile):
    """Whether the worker computes it again in its next round."""
    return known(profile)[1] <= timezone.now()


def test_the_next_free_time_is_the_first_slot_of_the_shortest_duration():
    profile = MentorFactory(durations=[60, 30], weekly={0: [(13 * 60, 13 * 60 + 30)]})

    refresh_next_free([profile.pk], MONDAY)

    assert known(profile) == (MONDAY + HOUR, MONDAY + BELIEVED)


def test_it_is_believed_until_it_is_too_late_to_book():
    profile = MentorFactory(notice=30)

    refresh_next_free([profile.pk], MONDAY + 20 * MINUTE)

    assert known(profile) == (MONDAY + HOUR, MONDAY + 30 * MINUTE)
    kind = SessionType.objects.default_of(profile.pk)
    assert upcoming_free(profile, kind, MONDAY + 30 * MINUTE) == MONDAY + HOUR
    assert upcoming_free(profile, kind, MONDAY + 31 * MINUTE) is None


def test_the_notice_of_what_is_booked_counts():
    profile = MentorFactory(notice=10_080)
    SessionType.objects.filter(mentor=profile.pk).update(notice=0)

    refresh_next_free([profile.pk], MONDAY)

    known(profile)
    kind = SessionType.objects.default_of(profile.pk)
    assert upcoming_free(profile, kind, MONDAY) == MONDAY


def test_somebody_who_is_never_free_has_none_and_is_asked_again():
    profile = MentorFactory(weekly={})

    refresh_next_free([profile.pk], MONDAY)

    assert known(profile) == (None, MONDAY + BELIEVED)


def test_a_booking_moves_it_on_for_both_at_once(django_capture_on_commit_callbacks):
    mentor, learner = MentorFactory(), MentorFactory()
    refresh_next_free([mentor.pk, learner.pk], MONDAY)

    with django_capture_on_commit_callbacks(execute=True):
        book(mentor, User.objects.get(pk=learner.pk), now=MONDAY)

    assert known(mentor) == (MONDAY + HOUR, MONDAY + BELIEVED_OF_A_BOOKING)
    assert known(learner) == (MONDAY + HOUR, MONDAY + BELIEVED)


def test_two_bookings_that_have_not_seen_each_other_are_put_right_within_a_minute(
    django_capture_on_commit_callbacks,
):
    mentor = MentorFactory()
    refresh_next_free([mentor.pk], MONDAY)
    session_type = SessionType.objects.default_of(mentor.pk)
    assert session_type is not None
    learner, half = UserFactory(), MONDAY + 30 * MINUTE
    # Computed before the first booking, stored after it.
    check = check_bookable(session_type, learner.pk, half, 30, now=MONDAY)
    with django_capture_on_commit_callbacks(execute=True):
        book(mentor, UserFactory(), duration=30, now=MONDAY)
    second = MeetingFactory(
        mentor=session_type.mentor, learner=learner, scheduled_at=half, duration=30
    )
    next_free_was_taken(second, check)

    assert known(mentor)[1] is None or known(mentor)[1] <= MONDAY + BELIEVED_OF_A_BOOKING
    refresh_stale_next_free(MONDAY + BELIEVED_OF_A_BOOKING)
    assert known(mentor)[0] == MONDAY + HOUR


def test_a_booking_elsewhere_leaves_it(django_capture_on_commit_callbacks):
    mentor, learner = MentorFactory(), MentorFactory()
    refresh_next_free([mentor.pk, learner.pk], MONDAY)
    before = known(mentor), known(learner)

    with django_capture_on_commit_callbacks(execute=True):
        book(mentor, User.objects.get(pk=learner.pk), start=MONDAY + 9 * HOUR, now=MONDAY)

    assert (known(mentor), known(learner)) == before


def test_what_a_cancellation_frees_is_found_by_the_worker(django_capture_on_commit_callbacks):
    mentor, learner = MentorFactory(), MentorFactory()
    meeting = book(mentor, learner.user, now=MONDAY)
    refresh_next_free([mentor.pk, learner.pk], MONDAY)

    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.cancel(meeting, by=mentor.user, now=MONDAY)

    assert [known(each)[0] for each in (mentor, learner)] == [MONDAY + HOUR] * 2
    assert is_stale(mentor)
    assert is_stale(learner)
    assert refresh_stale_next_free(MONDAY) == 2
    assert known(mentor) == known(learner) == (MONDAY, MONDAY)


def test_what_a_cancellation_frees_later_changes_nothing(django_capture_on_commit_callbacks):
    mentor = MentorFactory()
    meeting = book(mentor, UserFactory(), start=MONDAY + HOUR, now=MONDAY)
    refresh_next_free([mentor.pk], MONDAY)

    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.cancel(meeting, by=mentor.user, now=MONDAY)

    assert known(mentor) == (MONDAY, MONDAY)


def test_a_move_to_it_moves_it_on_at_once_and_the_worker_looks_again(
    django_capture_on_commit_callbacks,
):
    mentor = MentorFactory()
    book(mentor, UserFactory(), now=MONDAY)
    refresh_next_free([mentor.pk], MONDAY)
    meeting = Meeting.objects.with_rules().get()

    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.reschedule(meeting, to=MONDAY + HOUR, by=mentor.user, now=MONDAY - MINUTE)

    assert known(mentor)[0] == MONDAY + 2 * HOUR
    assert is_stale(mentor)
    assert refresh_stale_next_free(MONDAY) == 1
    assert known(mentor) == (MONDAY, MONDAY)


@pytest.mark.parametrize("hours", [0, 9])
def test_a_booking_that_fills_the_day_moves_it_to_the_next(
    hours, django_capture_on_commit_callbacks
):
    mentor = MentorFactory(most_a_day=1)
    refresh_next_free([mentor.pk], MONDAY)

    with django_capture_on_commit_callbacks(execute=True):
        book(mentor, UserFactory(), start=MONDAY + hours * HOUR, now=MONDAY)

    assert known(mentor) == (MONDAY + 12 * HOUR, MONDAY + BELIEVED)


def test_an_outdated_result_does_not_replace_a_newer_one(monkeypatch):
    """Between reading and storing, somebody books, and a newer result is stored."""
    profile = MentorFactory()

    def look_too_early(profiles, window):
        found = schedules(profiles, window)
        monkeypatch.undo()
        MeetingFactory(mentor=profile.user)
        refresh_next_free([profile.pk], MONDAY - MINUTE)
        return found

    monkeypatch.setattr("meetings.scheduling.next_free.schedules", look_too_early)
    refresh_next_free([profile.pk], MONDAY)

    assert known(profile)[0] == MONDAY + HOUR


def test_other_hours_move_it_too(django_capture_on_commit_callbacks, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    mentor = MentorFactory(weekly={})

    with django_capture_on_commit_callbacks(execute=True):
        replace_weekly_hours(mentor.user, {1: [(0, 60)]})
    assert known(mentor)[0] == MONDAY + 12 * HOUR

    with django_capture_on_commit_callbacks(execute=True):
        add_days_off(mentor.user, (MONDAY + 12 * HOUR).date(), (MONDAY + 12 * HOUR).date())
    assert known(mentor)[0] == MONDAY + 7 * 24 * HOUR + 12 * HOUR


def test_the_worker_brings_up_who_is_out_of_date_and_can_be_found():
    new, fresh, old = MentorFactory(), MentorFactory(), MentorFactory()
    hidden = MentorFactory(is_listed=False)
    refresh_next_free([fresh.pk], MONDAY - 10 * MINUTE)
    refresh_next_free([old.pk], MONDAY - 5 * MINUTE - BELIEVED)

    assert refresh_stale_next_free(MONDAY - 5 * MINUTE) == 2
    assert refresh_stale_next_free(MONDAY - 5 * MINUTE) == 0

    assert {known(each)[0] for each in (new, fresh, old)} == {MONDAY}
    assert known(hidden) == (None, None)


def test_a_sweep_costs_the_same_queries_for_few_and_many(django_assert_max_num_queries):
    people = [MentorFactory(weekly={}) for _n in range(20)]

    with django_assert_max_num_queries(8 + len(people)):
        refresh_stale_next_free(MONDAY)

    assert MentorProfile.objects.filter(next_free_until=None).count() == 0


def test_somebody_who_is_no_mentor_is_left_out():
    refresh_next_free([UserFactory().pk], MONDAY)

    assert not MentorProfile.objects.exists()


def test_a_refresh_does_not_outlive_a_cancellation_that_it_has_not_seen(
    monkeypatch, django_capture_on_commit_callbacks
):
    mentor = MentorFactory()
    meeting = book(mentor, UserFactory(), now=MONDAY)
    look = schedules

    def cancelled_after_the_look(*args, **kwargs):
        found = look(*args, **kwargs)
        if not called:
            called.append(True)
            with django_capture_on_commit_callbacks(execute=True):
                lifecycle.cancel(meeting, by=meeting.learner, now=MONDAY)
        return found

    called: list[bool] = []
    monkeypatch.setattr("meetings.scheduling.next_free.schedules", cancelled_after_the_look)
    MentorProfile.objects.update(next_free_until=None)
    refresh_next_free([mentor.pk], MONDAY)

    assert known(mentor)[0] == MONDAY


def test_a_booking_marks_a_next_free_time_that_was_found_since_the_profile_was_read(
    django_capture_on_commit_callbacks,
):
    mentor = MentorFactory()
    with django_capture_on_commit_callbacks(execute=True):
        book(mentor, UserFactory(), start=MONDAY + HOUR, now=MONDAY)
        # The worker stores this very slot after the profile was read, before the slot is taken.
        MentorProfile.objects.filter(pk=mentor.pk).update(
            next_free_at=MONDAY + HOUR, next_free_until=MONDAY + 9 * HOUR
        )

    assert is_stale(mentor)


def test_who_lacks_rules_holds_up_nobody_else():
    broken, mentor = MentorFactory(), MentorFactory()
    broken.user.booking_rules.delete()

    refresh_stale_next_free(MONDAY)

    assert known(mentor)[0] == MONDAY
