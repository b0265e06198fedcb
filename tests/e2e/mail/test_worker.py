"""The real worker, started as in production."""

import os
import subprocess
import sys
import threading
import time

import pytest
from django.utils import timezone

from bin.processes import Process
from meetings.models import Notification
from tests.e2e.mail.conftest import ROOT, database_url
from tests.factories import MeetingFactory, soon

pytestmark = pytest.mark.django_db(transaction=True)

RING = "from meetings.integrations.queue import wake_worker; wake_worker()"


def test_told_to_stop_it_finishes_the_mail_in_hand(mail_server, tmp_path):
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.e2e.mail.worker_settings",
        "DATABASE_URL": database_url(),
        "EMAIL_URL": mail_server.email_url,
        "JOBS_FILE": str(tmp_path / "jobs.sqlite3"),
    }
    meeting = MeetingFactory(scheduled_at=soon(timezone.now(), 72 * 60))
    booked = meeting.notifications.filter(kind="booked", recipient=meeting.learner)
    Notification.objects.exclude(pk=booked.get().pk).delete()
    booked.update(mail_state="waiting", due_at=timezone.now())
    taken, stopping = threading.Event(), threading.Event()

    def be_slow(mail):
        taken.set()
        stopping.wait(20)
        time.sleep(1)

    mail_server.after_data = be_slow
    command = [sys.executable, "manage.py", "run_huey"]
    worker = Process("The worker", command, cwd=ROOT, env=env, log=tmp_path / "log")
    try:
        ring = [sys.executable, "manage.py", "shell", "-v", "0", "-c", RING]
        subprocess.run(ring, cwd=ROOT, env=env, check=True)
        assert taken.wait(40), (tmp_path / "log").read_text()
        worker.ask()
        stopping.set()
        deadline = time.monotonic() + 30
        while worker.exit_status is None and time.monotonic() < deadline:
            time.sleep(0.05)
        status = worker.exit_status
    finally:
        stopping.set()
        worker.kill()

    assert status == 0, (tmp_path / "log").read_text()
    assert [each.mail_state for each in booked] == ["sent"]
    assert len(mail_server.mails_to(meeting.learner.email)) == 1
