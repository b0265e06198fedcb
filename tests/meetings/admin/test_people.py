from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import MentorProfile
from meetings.domain.policy import Status
from meetings.models import BusyCell
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon

pytestmark = pytest.mark.django_db

READING = {"language": "en", "timezone": "UTC", "clock": "24"}

PEOPLE = reverse("admin:accounts_user_changelist")


@pytest.fixture
def meeting():
    """An upcoming meeting."""
    start = soon(timezone.now())
    return MeetingFactory(scheduled_at=start)


def test_deactivating_in_the_form_cancels_what_is_to_come(client, staff, meeting):
    mentor = meeting.mentor
    other = MeetingFactory(scheduled_at=meeting.scheduled_at)

    answer = client.post(
        reverse("admin:accounts_user_change", args=[mentor.pk]),
        {"name": mentor.name, "email": mentor.email, **READING},
        follow=True,
    )

    meeting.refresh_from_db()
    other.refresh_from_db()
    assert meeting.status == Status.CANCELLED
    assert not BusyCell.objects.of(BusyCell.OwnerKind.MEETING, meeting.pk).exists()
    assert not MentorProfile.objects.listed().filter(pk=mentor.pk).exists()
    assert "1 upcoming meeting cancelled." in answer.content.decode()
    assert other.status == Status.SCHEDULED


def test_deactivating_by_action_cancels_what_is_to_come(client, staff, meeting):
    past = MeetingFactory(
        learner=meeting.learner, scheduled_at=soon(timezone.now()) - timedelta(days=2)
    )
    people = [meeting.learner, UserFactory()]
    selected = [str(each.pk) for each in people]

    answer = client.post(
        PEOPLE,
        {"action": "deactivate", "_selected_action": selected, "confirmed": "yes"},
        follow=True,
    )

    meeting.refresh_from_db()
    past.refresh_from_db()
    told = [str(message) for message in answer.context["messages"]]
    assert told == ["2 people deactivated.", "1 upcoming meeting cancelled."]
    assert meeting.status == Status.CANCELLED
    assert past.status == Status.SCHEDULED


def test_other_changes_cancel_nothing(client, staff, meeting):
    gone = UserFactory(is_active=False)

    client.post(
        reverse("admin:accounts_user_change", args=[gone.pk]),
        {"name": "Another name", "email": gone.email, **READING},
    )

    meeting.refresh_from_db()
    assert meeting.status == Status.SCHEDULED


def test_who_had_meetings_cannot_be_deleted(client, staff, meeting):
    mentor = meeting.mentor

    client.post(reverse("admin:accounts_user_delete", args=[mentor.pk]), {"post": "yes"})

    mentor.refresh_from_db()
    assert mentor.is_active


def test_who_never_met_anybody_can_be_deleted(client, staff):
    mentor = MentorFactory().user

    client.post(reverse("admin:accounts_user_delete", args=[mentor.pk]), {"post": "yes"})

    assert not type(mentor).objects.filter(pk=mentor.pk).exists()
