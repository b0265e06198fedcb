from datetime import timedelta

import pytest
import time_machine
from django.template.loader import render_to_string

from meetings.booking import lifecycle
from meetings.domain.policy import Change
from meetings.domain.reminders import REMINDERS, Kind
from meetings.models import Notification
from meetings.models.event_log import CHANGE_CHOICES
from meetings.models.notification import KEPT, KIND_CHOICES
from tests.factories import MONDAY, MeetingFactory, MentorFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=3)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting():
    return MeetingFactory(mentor=MentorFactory().user)


@pytest.mark.parametrize(
    ("field", "kind", "is_spared"),
    [
        ("wants_reminders", "reminder_24h", True),
        ("wants_reminders", "booked", False),
        ("wants_bell_mails", "reminder_24h", False),
        ("wants_bell_mails", "booked", False),
    ],
)
def test_people_choose_which_mails_they_get(meeting, field, kind, is_spared):
    setattr(meeting.learner, field, False)
    meeting.learner.save()

    notification = meeting.notifications.get(recipient=meeting.learner, kind=kind)

    assert bool(notification.reason_to_drop(NOW)) is is_spared


def test_nobody_who_has_left_gets_mail(meeting):
    meeting.learner.is_active = False
    meeting.learner.save()
    lifecycle.cancel_without_people(NOW)

    reasons = {
        each.recipient_id: each.reason_to_drop(NOW)
        for each in Notification.objects.with_people().filter(kind="cancelled")
    }

    assert reasons == {meeting.learner_id: "the person has left", meeting.mentor_id: ""}


def test_what_is_long_past_is_forgotten_unless_it_failed(meeting):
    Notification.objects.update(mail_state="sent")
    kept = meeting.notifications.filter(recipient=meeting.learner)
    kept.update(mail_state="failed")

    Notification.objects.purge(MONDAY + KEPT)

    assert set(meeting.notifications.values_list("recipient", flat=True)) == {meeting.learner_id}


def test_every_kind_has_a_label_and_says_something_of_its_own():
    """A kind that is missing in one place would show the text of another, or none."""
    meeting = MeetingFactory()
    told = {
        kind: render_to_string(
            "meetings/notifications/partials/notification_text.html",
            {"notification": Notification(recipient=meeting.mentor, meeting=meeting, kind=kind)},
        ).strip()
        for kind in Kind
    }

    assert dict(KIND_CHOICES).keys() == {kind.value for kind in Kind}
    assert "" not in told.values()
    assert len({text for kind, text in told.items() if kind not in REMINDERS}) == len(Kind) - len(
        REMINDERS
    )


def test_every_change_has_a_label():
    assert dict(CHANGE_CHOICES).keys() == {change.value for change in Change}
