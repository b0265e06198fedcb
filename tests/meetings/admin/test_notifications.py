"""Staff see which mails failed, and why, and can send them again."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from meetings.models import Notification
from tests.factories import MONDAY, MeetingFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:meetings_notification_changelist")


@pytest.fixture
def failed():
    """A notification whose mail has failed for good, one of the two of a booking."""
    meeting = MeetingFactory()
    told = meeting.notifications.get(recipient=meeting.learner, kind="booked")
    Notification.objects.filter(pk=told.pk).update(
        mail_state="failed", tries=1, error="recipient refused: 550 5.1.1"
    )
    return told


@pytest.fixture
def staff(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_the_list_says_why(staff, failed):
    page = staff.get(LIST, {"mail_state__exact": "failed"}).content.decode()

    assert "recipient refused: 550 5.1.1" in page
    assert "failed, set aside" in page
    assert page.count(f"{failed.pk}/change/") == 1


def test_sending_again_makes_it_due_and_nothing_else(staff, failed):
    Notification.objects.exclude(pk=failed.pk).update(mail_state="sent")
    chosen = list(Notification.objects.values_list("pk", flat=True))

    staff.post(LIST, {"action": "send_again", ACTION_CHECKBOX_NAME: chosen})

    failed.refresh_from_db()
    assert (failed.mail_state, failed.tries) in [("waiting", 0), ("sent", 0)]
    states = Notification.objects.exclude(pk=failed.pk).values_list("mail_state", flat=True)
    assert set(states) == {"sent"}


def test_who_may_only_look_cannot_send(client, failed):
    client.force_login(UserFactory(is_staff=True))

    client.post(LIST, {"action": "send_again", ACTION_CHECKBOX_NAME: [str(failed.pk)]})

    failed.refresh_from_db()
    assert failed.mail_state == "failed"


def test_the_command_counts_and_names_the_oldest():
    with time_machine.travel(MONDAY.replace(day=1, month=2), tick=False) as clock:
        meeting = MeetingFactory()
        oldest = meeting.notifications.get(recipient=meeting.learner, kind="booked")
        others = Notification.objects.exclude(pk=oldest.pk)
        others.filter(kind="booked").update(mail_state="sent")
        clock.shift(90 * 60)
        out = StringIO()

        call_command("notifications", stdout=out)

        lines = out.getvalue().splitlines()
        assert [line.split()[:2] for line in lines[:4]] == [
            ["waiting", "5"],
            ["sent", "1"],
            ["dropped", "0"],
            ["failed", "0"],
        ]
        assert lines[4] == (
            f"The oldest due is {oldest.pk} (booked), since 2027-02-01 12:00 UTC, 90 minutes ago."
        )
        Notification.objects.update(due_at=timezone.now() + timedelta(hours=1))
        out = StringIO()
        call_command("notifications", stdout=out)
        assert out.getvalue().endswith("Nothing is due.\n")
