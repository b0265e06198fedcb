import pytest
from django.urls import reverse

from accounts.models import MentorProfile
from meetings.models import BookingRules, SessionType
from tests.factories import MentorFactory

pytestmark = pytest.mark.django_db

RULES = {"step": "60", "horizon": "10", "notice": "60", "gap_before": "0", "gap_after": "15"}


@pytest.fixture
def mentor():
    """A mentor whose next free time has not been computed yet."""
    return MentorFactory().user


def change_url(row):
    return reverse(f"admin:meetings_{row._meta.model_name}_change", args=[row.pk])


def next_free_at(mentor):
    return MentorProfile.objects.get(pk=mentor.pk).next_free_at


def test_a_mentors_rules_change_and_free_times_with_them(
    client, staff, mentor, django_capture_on_commit_callbacks
):
    rules = mentor.booking_rules

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(change_url(rules), {**RULES, "most_a_day": "3"})

    changed = BookingRules.objects.get(mentor=mentor)
    assert answer.status_code == 302
    assert (changed.step, changed.horizon, changed.notice) == (60, 10, 60)
    assert (changed.gap_before, changed.gap_after, changed.most_a_day) == (0, 15, 3)
    assert next_free_at(mentor)


def test_what_is_offered_changes_and_free_times_with_it(
    client, staff, mentor, django_capture_on_commit_callbacks
):
    session_type = mentor.session_types.get()
    sent = {"title": "Lesson", "position": "0", "durations": ["30", "90"], "notice": "1440"}

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(change_url(session_type), sent)

    changed = SessionType.objects.get(mentor=mentor)
    assert answer.status_code == 302
    assert (changed.title, changed.durations, changed.notice) == ("Lesson", [30, 90], 1440)
    assert (changed.gap_before, changed.gap_after, changed.most_a_day) == (None, None, None)
    assert next_free_at(mentor)


@pytest.mark.parametrize("wrong", [{"horizon": "181"}, {"step": "7"}, {"most_a_day": "0"}])
def test_rules_that_cannot_be_are_refused(client, staff, mentor, wrong):
    rules = mentor.booking_rules

    answer = client.post(change_url(rules), RULES | wrong)

    assert list(answer.context["adminform"].form.errors) == list(wrong)
    assert BookingRules.objects.get(mentor=mentor).horizon == rules.horizon


def test_something_is_always_offered(client, staff, mentor):
    session_type = mentor.session_types.get()

    answer = client.post(change_url(session_type), {"title": "Lesson", "position": "0"})

    assert list(answer.context["adminform"].form.errors) == ["durations"]


def test_neither_is_added_or_deleted_by_itself(client, staff, mentor):
    for row in (mentor.booking_rules, mentor.session_types.get()):
        base = f"admin:meetings_{row._meta.model_name}"

        added = client.get(reverse(f"{base}_add"))
        deleted = client.post(reverse(f"{base}_delete", args=[row.pk]), {"post": "yes"})

        assert (added.status_code, deleted.status_code) == (403, 403)
        assert type(row).objects.filter(pk=row.pk).exists()
