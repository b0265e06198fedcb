"""An older copy replaces the site: manage.py backup, restore and settle_copy."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import CommandError
from django.test import Client
from django.utils import timezone

from accounts.models import TokenFamily
from meetings.booking import lifecycle
from meetings.models import CalendarEvent, Meeting, Notification
from meetings.notifications.invitation import invitation_to
from meetings.tasks import sweep
from tests.e2e.mail.server import running_mail_server
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.p2plearn.backup.copies import run

pytestmark = pytest.mark.django_db(transaction=True)

LEARNER, MENTOR = "learner@example.com", "mentor@example.com"
BUSY = "421 4.3.2 busy"
NOW = MONDAY - timedelta(days=3)
HOUR = timedelta(hours=1)


@pytest.fixture
def smtp(settings):
    with running_mail_server() as server:
        for name, value in server.settings().items():
            setattr(settings, name, value)
        yield server


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def live(clock, until):
    """Run the worker every hour until then, and at that time."""
    while timezone.now() < until:
        clock.move_to(min(timezone.now() + HOUR, until))
        sweep(timezone.now())


def subjects(smtp):
    return sorted(f"{mail['Subject'].split(':')[0]} {mail['To']}" for mail in smtp.mails)


def a_meeting():
    mentor, learner = MentorFactory(user__email=MENTOR).user, UserFactory(email=LEARNER)
    return MeetingFactory(mentor=mentor, learner=learner)


def both(*kinds):
    return sorted(f"{kind} {address}" for kind in kinds for address in (LEARNER, MENTOR))


def test_what_the_site_has_mailed_since_the_copy_is_not_mailed_again(places, smtp, clock):
    with places.at("old"):
        smtp.greeting = BUSY
        a_meeting()
        run("backup", places.file("old").with_name("copy"))
        smtp.greeting = "220 loopback"
        live(clock, MONDAY - 2 * HOUR)
    before = subjects(smtp)

    with places.at("new", is_empty=True):
        told = run("restore", places.file("old").with_name("copy"))
        live(clock, MONDAY - HOUR / 2)
        states = set(Notification.objects.values_list("kind", "mail_state"))

    assert before == both("Booked", "Reminder")
    assert "4 mails may have gone already" in told
    # The last reminder was not due while the old site ran.
    assert subjects(smtp) == sorted([*before, *both("Starting soon")])
    assert states == {("booked", "failed"), ("reminder_24h", "failed"), ("reminder_1h", "sent")}


def test_what_was_due_after_the_site_had_stopped_goes_by_itself(places, smtp, clock):
    with places.at("old"):
        a_meeting()
        run("backup", places.file("old").with_name("copy"))
    clock.move_to(MONDAY - 2 * HOUR)

    with places.at("new", is_empty=True):
        stopped = (NOW + HOUR).isoformat()
        run("restore", places.file("old").with_name("copy"), "--stopped-at", stopped)
        live(clock, MONDAY - HOUR / 2)

    assert subjects(smtp) == both("Booked", "Reminder", "Starting soon")


def test_staff_can_send_what_was_set_aside(places, smtp, clock):
    with places.at("old"):
        smtp.greeting = BUSY
        a_meeting()
        run("backup", places.file("old").with_name("copy"))
        smtp.greeting = "220 loopback"
    clock.shift(HOUR)

    with places.at("new", is_empty=True):
        run("restore", places.file("old").with_name("copy"))
        reasons = set(Notification.objects.values_list("error", flat=True)) - {""}
        Notification.objects.send_again(timezone.now())
        live(clock, NOW + 2 * HOUR)

    assert reasons == {"from a copy of the site: it may have gone already"}
    assert subjects(smtp) == both("Booked")


def test_a_meeting_that_was_running_ends_without_a_second_question(places, smtp, clock):
    with places.at("old"):
        meeting = a_meeting()
        live(clock, MONDAY - HOUR / 2)
        clock.move_to(MONDAY)
        meeting.refresh_from_db()
        lifecycle.join(meeting, by=meeting.learner)
        run("backup", places.file("old").with_name("copy"))
        live(clock, MONDAY + 3 * HOUR)
    before = subjects(smtp)

    with places.at("new", is_empty=True):
        run("restore", places.file("old").with_name("copy"))
        live(clock, MONDAY + 6 * HOUR)
        status = Meeting.objects.get().status

    assert f"How was it? How to begin {LEARNER}" in before
    assert subjects(smtp) == before
    assert status == "completed"


def test_nobody_is_told_again_that_a_meeting_was_called_off(places, smtp, clock):
    """The person's account was closed a moment before the copy."""
    with places.at("old"):
        meeting = a_meeting()
        meeting.mentor.is_active = False
        meeting.mentor.save()
        run("backup", places.file("old").with_name("copy"))
        live(clock, NOW + HOUR)
    before = subjects(smtp)

    with places.at("new", is_empty=True):
        run("restore", places.file("old").with_name("copy"))
        live(clock, NOW + 3 * HOUR)
        status = Meeting.objects.get().status

    assert f"Cancelled {LEARNER}" in before
    assert subjects(smtp) == before
    assert status == "cancelled"


def test_a_copy_is_settled_once(smtp, clock):
    run("settle_copy", "--copied-at", (NOW - HOUR).isoformat())
    clock.shift(HOUR)
    smtp.greeting = BUSY
    a_meeting()
    Client().force_login(UserFactory())
    before = list(Notification.objects.order_by("pk").values())

    with pytest.raises(CommandError, match=r"settled at .* Nothing was changed"):
        run("settle_copy", "--copied-at", (NOW - HOUR).isoformat())

    assert list(Notification.objects.order_by("pk").values()) == before
    assert Session.objects.count() == 1


def test_a_copy_of_a_settled_site_can_be_settled(places, clock):
    with places.at("old"):
        run("settle_copy", "--copied-at", NOW.isoformat())
        clock.shift(HOUR)
        run("backup", places.file("old").with_name("copy"))
    with places.at("new", is_empty=True):
        assert "sound" in run("restore", places.file("old").with_name("copy"))


def test_mail_that_is_due_is_set_aside_and_what_nobody_needs_is_dropped(smtp, clock):
    smtp.greeting = BUSY
    a_meeting()
    clock.move_to(MONDAY - HOUR / 2)
    smtp.greeting = "220 loopback"

    told = run("settle_copy", "--copied-at", NOW.isoformat())
    sweep(timezone.now())

    states = set(Notification.objects.values_list("kind", "mail_state"))
    assert states == {(kind, "failed") for kind in ("booked", "reminder_24h", "reminder_1h")}
    assert "6 mails may have gone already" in told
    assert smtp.mails == []

    clock.move_to(MONDAY + 2 * HOUR)
    Notification.objects.send_again(timezone.now())
    told = run("settle_copy", "--copied-at", (MONDAY + HOUR).isoformat())

    assert "6 mails were dropped" in told


def test_a_mail_that_was_in_hand_when_the_copy_was_made_is_set_aside(smtp, clock):
    """Its next try may lie after the stop; it has been sent all the same."""
    smtp.greeting = BUSY
    a_meeting()
    smtp.greeting = "220 loopback"
    booked = Notification.objects.filter(kind="booked")
    for pk in booked.values_list("pk", flat=True):
        Notification.objects.filter(pk=pk).claim(NOW)
    clock.move_to(NOW + timedelta(seconds=5))

    run("settle_copy", "--copied-at", "2027-02-26T12:00:00Z")
    clock.move_to(NOW + HOUR)
    sweep(timezone.now())

    assert set(booked.values_list("mail_state", flat=True)) == {"failed"}
    assert subjects(smtp) == []


def test_all_sessions_and_tokens_end(clock):
    person = UserFactory()
    Client().force_login(person)
    TokenFamily.objects.create(
        session_key="s", person=person, current="j", expires_at=NOW + 9 * HOUR
    )

    told = run("settle_copy", "--copied-at", NOW.isoformat())

    assert "1 sessions were ended" in told
    assert not Session.objects.exists()
    assert not TokenFamily.objects.exists()


def test_a_later_change_counts_beyond_what_calendars_have_seen(clock):
    """Otherwise calendars would ignore the .ics file as outdated."""
    meeting = a_meeting()
    for days in (1, 2, 3):
        lifecycle.reschedule(meeting, to=MONDAY + timedelta(days=days), by=meeting.learner)
    seen = invitation_to(meeting).sequence
    # The sequence in the copy.
    CalendarEvent.objects.update(sequence=1, synced=1)

    run("settle_copy", "--copied-at", NOW.isoformat())
    again = Meeting.objects.select_related("mentor", "learner").get()
    was_behind = again.calendar_event.is_behind
    lifecycle.reschedule(again, to=MONDAY + timedelta(days=4), by=again.learner)

    assert not was_behind
    assert invitation_to(again).sequence > seen


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--copied-at", "2027-01-01T12:00"], "needs an offset"),
        (["--copied-at", "yesterday"], "is no time"),
        (["--copied-at", (NOW + HOUR).isoformat()], "neither in the future"),
        (
            ["--copied-at", NOW.isoformat(), "--stopped-at", (NOW - HOUR).isoformat()],
            "neither in the future",
        ),
    ],
)
def test_times_that_cannot_be_are_refused(clock, arguments, told):
    with pytest.raises(CommandError, match=told):
        run("settle_copy", *arguments)
