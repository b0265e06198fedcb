"""Who gets which notification, and when: stored and deleted in the transaction of the change."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.booking import lifecycle, texts
from meetings.calendars.homes import mark_broken
from meetings.domain.errors import SlotTaken
from meetings.domain.policy import Status
from meetings.integrations.calendar import CalendarProvider
from meetings.models import Meeting, Notification
from meetings.models.calendar_event import CalendarHome
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=3)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REMINDERS = ("reminder_24h", "reminder_1h")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting():
    return MeetingFactory(mentor=MentorFactory().user)


def told(meeting, person):
    """`[(kind, due, start, mail)]`, in the order of creation and due time."""
    rows = meeting.notifications.filter(recipient=person).order_by("revision", "visible_at")
    return list(rows.values_list("kind", "visible_at", "starts_at", "mail_state"))


@pytest.mark.parametrize("role", ["mentor", "learner"])
def test_a_booking_tells_and_reminds_both(meeting, role):
    assert told(meeting, getattr(meeting, role)) == [
        ("booked", NOW, MONDAY, "waiting"),
        ("reminder_24h", MONDAY - DAY, MONDAY, "waiting"),
        ("reminder_1h", MONDAY - HOUR, MONDAY, "waiting"),
    ]


def test_who_books_needs_no_bell_for_it(meeting):
    unread = meeting.notifications.filter(kind="booked", read_at__isnull=True)

    assert [each.recipient for each in unread] == [meeting.mentor]


@pytest.mark.parametrize(
    ("ahead", "kinds"),
    [
        (timedelta(minutes=45), []),
        (HOUR * 2 - timedelta(minutes=15), []),
        (HOUR * 2, ["reminder_1h"]),
        (DAY, ["reminder_1h"]),
        (DAY + HOUR, ["reminder_1h", "reminder_24h"]),
    ],
)
def test_a_reminder_that_would_come_right_after_the_booking_is_left_out(ahead, kinds):
    meeting = MeetingFactory(scheduled_at=NOW + ahead)

    rows = meeting.notifications.filter(recipient=meeting.learner, kind__in=REMINDERS)

    assert sorted(rows.values_list("kind", flat=True)) == kinds


def test_a_new_time_tells_both_and_moves_the_reminders(meeting):
    later = MONDAY + DAY

    lifecycle.reschedule(meeting, to=later, by=meeting.mentor)

    assert told(meeting, meeting.learner) == [
        ("booked", NOW, MONDAY, "dropped"),
        ("rescheduled", NOW, later, "waiting"),
        ("reminder_24h", later - DAY, later, "waiting"),
        ("reminder_1h", later - HOUR, later, "waiting"),
    ]
    assert meeting.notifications.get(recipient=meeting.learner, kind="rescheduled").was_at == MONDAY


def test_a_cancellation_tells_both_and_drops_the_reminders(meeting):
    lifecycle.cancel(meeting, by=meeting.learner)

    for person in (meeting.mentor, meeting.learner):
        assert told(meeting, person) == [
            ("booked", NOW, MONDAY, "dropped"),
            ("cancelled", NOW, MONDAY, "waiting"),
        ]


def test_a_change_that_does_not_stand_tells_nobody(meeting):
    other = MeetingFactory(mentor=meeting.mentor, scheduled_at=MONDAY + 3 * HOUR)
    before = told(meeting, meeting.learner)

    with pytest.raises(SlotTaken):
        lifecycle.reschedule(meeting, to=other.scheduled_at, by=meeting.learner)
    with transaction.atomic():
        lifecycle.cancel(Meeting.objects.get(pk=meeting.pk), by=meeting.learner)
        transaction.set_rollback(True)

    assert told(meeting, meeting.learner) == before


def test_doing_again_what_is_done_tells_nobody_again(meeting):
    lifecycle.cancel(meeting, by=meeting.learner)
    lifecycle.cancel(meeting, by=meeting.mentor)

    assert meeting.notifications.filter(kind="cancelled").count() == 2


def test_the_learner_is_asked_after_the_end(meeting, clock):
    clock.move_to(MONDAY + 10 * timedelta(minutes=1))

    lifecycle.complete(meeting, by=meeting.mentor)

    asked = meeting.notifications.filter(kind="rating_request")
    due = meeting.ends_at + timedelta(minutes=5)
    assert list(asked.values_list("recipient", "visible_at")) == [(meeting.learner_id, due)]


def test_the_sweep_asks_too(meeting, clock):
    Meeting.objects.update(status=Status.IN_PROGRESS)
    over = meeting.ends_at + HOUR

    assert lifecycle.complete_overdue(over) == 1
    assert lifecycle.complete_overdue(over) == 0

    asked = meeting.notifications.get(kind="rating_request")
    assert (asked.recipient, asked.visible_at) == (meeting.learner, over + timedelta(minutes=5))


def test_who_has_rated_is_not_asked(meeting, clock):
    clock.move_to(MONDAY)
    lifecycle.complete(meeting, by=meeting.learner)

    texts.rate(meeting, rating=5, by=meeting.learner)

    assert not meeting.notifications.filter(kind="rating_request").exists()


def test_a_question_that_is_answered_is_read_and_not_mailed(meeting, clock):
    clock.move_to(MONDAY)
    lifecycle.complete(meeting, by=meeting.learner)
    clock.move_to(MONDAY + DAY)

    texts.rate(meeting, rating=5, by=meeting.learner)

    asked = meeting.notifications.get(kind="rating_request")
    assert (asked.mail_state, asked.read_at) == ("dropped", timezone.now())


def test_a_lost_connection_is_told_once():
    person = UserFactory()
    CalendarConnection.objects.create(
        user=person, google_id="1", encrypted_token="", connected_at=NOW
    )

    home = CalendarHome(CalendarProvider.GOOGLE, "1")

    mark_broken(home, before=NOW)
    mark_broken(home, before=NOW)

    lost = Notification.objects.get()
    assert (lost.recipient, lost.kind, lost.meeting) == (person, "connection_lost", None)
    assert lost.reason_to_drop(NOW) == ""
    CalendarConnection.objects.update(broken_at=None)
    assert lost.reason_to_drop(NOW) != ""
