"""A mail server that refuses, hangs or is down, and a clock that jumps."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from meetings.booking import lifecycle
from meetings.integrations import mail as mail_service
from meetings.models import Meeting, Notification
from meetings.models.claims import LEASE, ClaimQuerySet
from meetings.notifications.outbox import TRIES, send_due
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=3)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting():
    return MeetingFactory(mentor=MentorFactory().user, learner=UserFactory())


def minutes_of_sweeps(clock, minutes):
    for _minute in range(minutes):
        send_due(timezone.now())
        clock.shift(MINUTE)


def states(meeting, kind="booked"):
    rows = meeting.notifications.filter(kind=kind)
    return dict(rows.values_list("recipient__email", "mail_state"))


@pytest.mark.parametrize("answer", ["421 4.3.2 not now", "451 4.7.1 greylisted"])
def test_one_recipient_refused_for_now_gets_it_later_the_other_at_once(
    answer, meeting, smtp, clock
):
    learner, mentor = meeting.learner.email, meeting.mentor.email
    smtp.refuse = {learner: answer}

    minutes_of_sweeps(clock, 10)
    during = (len(smtp.mails_to(learner)), len(smtp.mails_to(mentor)))
    smtp.refuse = {}
    minutes_of_sweeps(clock, 20)

    assert during == (0, 1)
    assert len(smtp.mails_to(learner)) == len(smtp.mails_to(mentor)) == 1
    assert states(meeting) == {learner: "sent", mentor: "sent"}


def test_one_recipient_refused_for_good_is_set_aside_and_shown(meeting, smtp, clock, caplog):
    learner, mentor = meeting.learner.email, meeting.mentor.email
    smtp.refuse = {learner: f"550 5.1.1 <{learner}> unknown"}

    minutes_of_sweeps(clock, 10)

    assert states(meeting) == {learner: "failed", mentor: "sent"}
    failed = meeting.notifications.get(mail_state="failed")
    assert failed.error == "recipient refused: 550 5.1.1"
    assert failed.tries == 1
    assert learner not in caplog.text


def test_staff_can_send_again_what_was_set_aside(meeting, smtp, clock):
    smtp.refuse = {meeting.learner.email: "550 5.1.1 unknown"}
    minutes_of_sweeps(clock, 2)
    smtp.refuse = {}

    again = Notification.objects.send_again(timezone.now())
    minutes_of_sweeps(clock, 1)

    assert again == 1
    assert len(smtp.mails_to(meeting.learner.email)) == 1


def test_a_server_that_greets_with_trouble_for_ten_minutes(meeting, smtp, clock):
    smtp.greeting = "421 4.3.2 full"

    minutes_of_sweeps(clock, 10)
    during = len(smtp.mails)
    smtp.greeting = "220 loopback"
    minutes_of_sweeps(clock, 20)

    assert during == 0
    assert sorted(smtp.times_taken().values()) == [1, 1]


def test_a_server_that_is_not_there(meeting, smtp, settings, clock):
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, 1

    minutes_of_sweeps(clock, 10)
    settings.EMAIL_PORT = there
    minutes_of_sweeps(clock, 20)

    assert sorted(smtp.times_taken().values()) == [1, 1]


def test_a_server_that_hangs_is_left_after_two_mails(smtp, monkeypatch):
    monkeypatch.setattr(mail_service, "TIMEOUT", 0.2)
    for _meeting in range(3):
        MeetingFactory()
    people = Notification.objects.values_list("recipient__email", flat=True)
    smtp.delay = dict.fromkeys(people, 2)

    sent = send_due(timezone.now())

    assert sent == 0
    assert smtp.conversations == 2


def test_it_is_tried_for_two_days_and_then_set_aside(meeting, smtp, clock):
    Meeting.objects.update(scheduled_at=NOW + timedelta(days=9), ends_at=NOW + timedelta(days=10))
    Notification.objects.update(starts_at=NOW + timedelta(days=9))
    meeting.notifications.exclude(recipient=meeting.learner, kind="booked").delete()
    smtp.refuse = {meeting.learner.email: "451 4.7.1 later"}
    told = meeting.notifications.get()

    while told.mail_state == "waiting":
        send_due(told.due_at)
        told.refresh_from_db()
        clock.move_to(max(told.due_at, timezone.now()))

    assert told.mail_state == "failed"
    assert told.tries == TRIES
    assert timedelta(days=1.5) < told.due_at - NOW < timedelta(days=4)


def test_a_mail_that_cannot_be_written_holds_no_other(meeting, smtp, clock, caplog):
    broken = meeting.notifications.get(recipient=meeting.learner, kind="booked")
    Notification.objects.filter(pk=broken.pk).update(kind="nonsense")

    minutes_of_sweeps(clock, 2)

    broken.refresh_from_db()
    assert broken.mail_state == "waiting"
    assert broken.tries in (1, 2)
    assert broken.error == "cannot be written: ValueError"
    assert len(smtp.mails_to(meeting.mentor.email)) == 1
    assert str(broken.pk) in caplog.text


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_jumps_sends_nothing_twice(hours, meeting, smtp, clock):
    """The clock jumps while a mail is being sent."""

    def jump(mail):
        smtp.after_data = lambda mail: None
        clock.shift(timedelta(hours=hours))

    smtp.after_data = jump
    send_due(timezone.now())
    send_due(timezone.now())
    clock.shift(timedelta(hours=-hours))
    minutes_of_sweeps(clock, 10)

    assert sorted(smtp.times_taken().values()) == [1, 1]


def test_a_mail_left_behind_is_due_again_when_its_lease_has_run_out(meeting, smtp, clock):
    """The process with the claim was killed."""
    learner = meeting.learner.email
    lease = meeting.notifications.filter(kind="booked", recipient=meeting.learner).claim(NOW)

    for moment in (NOW, lease - timedelta(microseconds=1)):
        clock.move_to(moment)
        send_due(moment)
    before = [mail["To"] for mail in smtp.mails]
    clock.move_to(lease)
    send_due(lease)

    assert lease == NOW + LEASE
    assert before == [meeting.mentor.email]
    assert len(smtp.mails_to(learner)) == 1
    assert states(meeting)[learner] == "sent"


def test_a_late_reminder_goes_only_while_the_meeting_has_not_begun(smtp, clock):
    soon_begins, has_begun = MeetingFactory(), MeetingFactory(scheduled_at=MONDAY - timedelta(1))
    send_due(timezone.now())
    smtp.mails.clear()

    clock.move_to(MONDAY - 10 * MINUTE)
    send_due(timezone.now())

    told = {mail["To"] for mail in smtp.mails}
    assert told == {soon_begins.learner.email, soon_begins.mentor.email}
    assert set(states(has_begun, "reminder_1h").values()) == {"dropped"}


def test_a_reminder_of_a_moved_or_cancelled_meeting_never_goes(smtp, clock):
    moved, cancelled = MeetingFactory(), MeetingFactory()
    send_due(timezone.now())
    lifecycle.reschedule(moved, to=MONDAY + timedelta(days=2), by=moved.learner)
    lifecycle.cancel(cancelled, by=cancelled.mentor)
    send_due(timezone.now())
    smtp.mails.clear()

    clock.move_to(MONDAY - timedelta(hours=1))
    send_due(timezone.now())

    assert smtp.mails == []


def test_what_is_superseded_before_it_went_is_not_sent(smtp, meeting):
    lifecycle.reschedule(meeting, to=MONDAY + timedelta(days=1), by=meeting.learner)
    lifecycle.reschedule(meeting, to=MONDAY + timedelta(days=2), by=meeting.mentor)

    send_due(timezone.now())

    assert sorted(mail["Subject"].split(":")[0] for mail in smtp.mails) == ["Moved", "Moved"]
    assert all("3 Mar" in mail["Subject"] for mail in smtp.mails)
    assert set(states(meeting).values()) == {"dropped"}


def test_a_mail_whose_meeting_changes_while_it_is_claimed_holds_up_no_other(
    smtp, clock, monkeypatch
):
    """A cancellation deletes a reminder between the claim and the rendering of the mail."""
    cancelled = MeetingFactory()
    send_due(timezone.now())
    smtp.mails.clear()
    clock.move_to(MONDAY - 60 * MINUTE)
    claim = ClaimQuerySet.claim

    def claimed(rows, *args, **kwargs):
        lease = claim(rows, *args, **kwargs)
        if not done:
            done.append(True)
            lifecycle.cancel(cancelled, by=cancelled.learner)
        return lease

    done: list[bool] = []
    monkeypatch.setattr(ClaimQuerySet, "claim", claimed)
    sent = send_due(timezone.now())

    assert done
    assert sent == 2
    assert {mail["Subject"].partition(":")[0] for mail in smtp.mails} == {"Cancelled"}
