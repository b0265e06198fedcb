from datetime import timedelta

import pytest

from accounts.models import MentorProfile
from meetings.models.availability import add_days_off, replace_weekly_hours
from meetings.models.next_free import BELIEVED, refresh_next_free, refresh_stale_next_free
from meetings.models.schedule import schedules
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def known(profile):
    profile.refresh_from_db()
    return profile.next_free_at, profile.next_free_until


def test_the_next_free_time_is_the_first_slot_of_the_shortest_duration():
    profile = MentorFactory(durations=[60, 30], weekly={0: [(13 * 60, 13 * 60 + 30)]})

    refresh_next_free([profile.pk], MONDAY)

    assert known(profile) == (MONDAY + HOUR, MONDAY + BELIEVED)


def test_it_is_believed_until_it_is_too_late_to_book():
    profile = MentorFactory(notice=30)

    refresh_next_free([profile.pk], MONDAY + 20 * MINUTE)

    assert known(profile) == (MONDAY + HOUR, MONDAY + 30 * MINUTE)
    assert profile.upcoming_free(MONDAY + 30 * MINUTE) == MONDAY + HOUR
    assert profile.upcoming_free(MONDAY + 31 * MINUTE) is None


def test_somebody_who_is_never_free_has_none_and_is_asked_again():
    profile = MentorFactory(weekly={})

    refresh_next_free([profile.pk], MONDAY)

    assert known(profile) == (None, MONDAY + BELIEVED)


def test_a_booking_moves_it_on_for_both(django_capture_on_commit_callbacks, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    mentor, learner = MentorFactory(), MentorFactory()
    refresh_next_free([mentor.pk, learner.pk])

    with django_capture_on_commit_callbacks(execute=True):
        meeting = MeetingFactory(mentor=mentor.user, learner=learner.user)

    assert (known(mentor)[0], known(learner)[0]) == (MONDAY + HOUR, MONDAY + HOUR)
    with django_capture_on_commit_callbacks(execute=True):
        meeting.cancel(by=mentor.user, now=MONDAY)
    assert (known(mentor)[0], known(learner)[0]) == (MONDAY, MONDAY)


def test_whoever_is_outrun_looks_again(monkeypatch):
    """Between looking and storing, somebody books, and what follows from that is stored."""
    profile = MentorFactory()

    def look_too_early(profiles, window):
        found = schedules(profiles, window)
        monkeypatch.undo()
        MeetingFactory(mentor=profile.user)
        refresh_next_free([profile.pk], MONDAY - MINUTE)
        return found

    monkeypatch.setattr("meetings.models.next_free.schedules", look_too_early)
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
