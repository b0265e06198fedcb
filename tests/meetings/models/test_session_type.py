from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from meetings.domain.slots import SlotRules
from meetings.models import SessionType
from tests.factories import MentorFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_new_mentor_has_one_type_on_the_mentors_terms(django_assert_num_queries):
    mentor = MentorFactory(
        durations=[60, 30], notice=120, gap_before=15, gap_after=30, horizon=7, step=15
    )
    session_type = SessionType.objects.with_rules().get(mentor=mentor.pk)

    with django_assert_num_queries(0):
        rules = session_type.slot_rules

    assert rules == SlotRules(
        durations=(30, 60),
        notice=timedelta(hours=2),
        gap_before=15,
        gap_after=30,
        horizon=timedelta(days=7),
        step=15,
    )
    assert session_type.notice_label == "2 hours"
    assert not session_type.has_daily_limit


def test_a_types_own_terms_outweigh_the_mentors_even_where_they_are_none():
    mentor = MentorFactory(notice=120, gap_before=15, gap_after=30)
    SessionType.objects.update(notice=0, gap_before=0, gap_after=60, most_a_day=2)

    session_type = SessionType.objects.with_rules().get(mentor=mentor.pk)

    rules = session_type.slot_rules
    assert (rules.notice, rules.gap_before, rules.gap_after) == (timedelta(), 0, 60)
    assert session_type.notice_label == ""
    assert session_type.has_daily_limit


def test_the_default_is_the_mentors_first():
    mentor, other = MentorFactory(), MentorFactory()
    second = SessionType.objects.create(mentor=mentor.user, position=1, title="Long")
    first = SessionType.objects.get(mentor=mentor.user, position=0)
    theirs = SessionType.objects.get(mentor=other.user)
    people = [mentor.pk, other.pk, UserFactory().pk]

    assert SessionType.objects.default_of(mentor.pk) == first
    assert SessionType.objects.default_of(people[2]) is None
    assert SessionType.objects.defaults_of(people) == {mentor.pk: first, other.pk: theirs}
    SessionType.objects.filter(pk=second.pk).update(position=0)
    SessionType.objects.filter(pk=first.pk).update(position=1)
    assert SessionType.objects.default_of(mentor.pk) == second


def test_bookable_are_those_of_listed_people_who_are_there():
    MentorFactory(is_listed=False)
    MentorFactory(user__is_active=False)
    mentor = MentorFactory()

    assert [each.mentor_id for each in SessionType.objects.bookable()] == [mentor.pk]


@pytest.mark.parametrize("durations", [[], [45], [30, 45], ["30"]])
def test_lengths_that_nobody_can_book_are_refused(durations):
    with pytest.raises(ValidationError) as refusal:
        SessionType(mentor=MentorFactory().user, durations=durations).full_clean()

    assert list(refusal.value.message_dict) == ["durations"]
