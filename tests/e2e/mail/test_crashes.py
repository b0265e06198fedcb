"""Senders that are killed, and many senders at the same time: real processes, a real server."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from meetings.models import Notification
from tests.e2e.mail.conftest import kill
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = 60


def write_mails(count):
    """Store that many due mails, each to another person."""
    mentor = MentorFactory().user
    now = timezone.now()
    meeting = MeetingFactory(mentor=mentor, scheduled_at=soon(now, 72 * 60))
    Notification.objects.all().delete()
    Notification.objects.bulk_create(
        Notification(
            recipient=person,
            kind="booked",
            meeting=meeting,
            revision=0,
            starts_at=meeting.scheduled_at,
            visible_at=now,
            due_at=now,
        )
        for person in [UserFactory() for _number in range(count)]
    )


def in_hand():
    """The mails that a sender, dead or alive, has claimed and not marked."""
    return Notification.objects.waiting().filter(lease__isnull=False)


def let_leases_run_out(*, at):
    """Expire the claims of killed senders."""
    in_hand().update(lease=at, due_at=at)


def expected():
    return {each.message_id for each in Notification.objects.all()}


@pytest.mark.skipif(
    connection.vendor == "mongodb",
    reason="a killed client's transaction is kept open there for a while: see tests/e2e/kills, "
    "which kills everything on a server that keeps it briefly",
)
def test_killed_between_the_servers_ok_and_our_mark_a_mail_comes_once_or_twice(
    senders, mail_server
):
    write_mails(KILLS)
    taken, locked = threading.Event(), threading.Event()

    def say_ok_when_locked(mail):
        taken.set()
        assert locked.wait(20)

    mail_server.after_data = say_ok_when_locked
    for _kill in range(KILLS):
        sender = senders.start()
        assert taken.wait(20)
        # The sender receives the OK, but cannot mark the mail while this lock is held.
        with transaction.atomic():
            in_hand().update(revision=F("revision"))
            locked.set()
            time.sleep(0.02)
            kill(sender)
        taken.clear()
        locked.clear()
    mail_server.after_data = lambda mail: None
    let_leases_run_out(at=timezone.now())
    senders.start("wait until-empty")

    times = mail_server.times_taken()
    assert set(times) == expected()
    assert set(times.values()) <= {1, 2}
    # A database server may still carry out the last statement of a client that is dead.
    fewest = 2 * KILLS if connection.vendor == "sqlite" else KILLS
    assert fewest <= sum(times.values()) <= 2 * KILLS
    assert set(Notification.objects.values_list("mail_state", flat=True)) == {"sent"}


def test_killed_before_the_server_has_it_a_mail_comes_once(senders, mail_server):
    write_mails(5)
    addresses = list(Notification.objects.values_list("recipient__email", flat=True))
    mail_server.delay = dict.fromkeys(addresses, 20)

    for kills in range(3):
        sender = senders.start()
        while in_hand().count() == kills:
            time.sleep(0.01)
        kill(sender)
    mail_server.delay = {}
    killed, leases_end = set(in_hand()), timezone.now() + timedelta(seconds=1)
    let_leases_run_out(at=leases_end)
    senders.start("wait until-empty")

    assert mail_server.times_taken() == dict.fromkeys(expected(), 1)
    assert len(killed) == 3
    waited = {each for each in Notification.objects.all() if each.sent_at >= leases_end}
    assert waited == killed


def test_many_senders_at_once_send_each_once(senders, mail_server):
    write_mails(40)
    mail_server.after_data = lambda mail: time.sleep(0.01)

    for _sender in range(3):
        senders.start("until-empty")
    senders.start("wait until-empty")

    assert mail_server.times_taken() == dict.fromkeys(expected(), 1)
