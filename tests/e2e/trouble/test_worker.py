"""The real worker while the database or the queue is down: it logs the error and keeps running."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from django.utils import timezone

from bin.processes import Process
from meetings.models import Notification
from tests.e2e.mail.server import running_mail_server
from tests.e2e.races.database import as_default
from tests.e2e.servers.redis import RedisServer, skip_without_redis
from tests.e2e.servers.web import ROOT
from tests.factories import MeetingFactory, soon

pytestmark = pytest.mark.race

RING = "from meetings.integrations.queue import wake_worker; wake_worker()"


def manage(env, *arguments):
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, check=True)


def wait_until(holds, worker):
    deadline = time.monotonic() + 60
    while not holds() and worker.exit_status is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert holds()


def env_of(file, jobs, mail_server, **more):
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.e2e.trouble.settings",
        "ENVIRONMENT": "test",
        "DATABASE_URL": f"sqlite:///{file}",
        "DATABASE_TIMEOUT": "1",
        "EMAIL_URL": mail_server.email_url,
        "JOBS_FILE": str(jobs),
        "LOG_FORMAT": "json",
        **more,
    }


def started(env, log):
    return Process(
        "The worker", [sys.executable, "manage.py", "run_huey"], cwd=ROOT, env=env, log=log
    )


@pytest.fixture
def mail_server():
    with running_mail_server() as server:
        yield server


def test_a_locked_database_stops_no_worker(
    mail_server, tmp_path, django_db_setup, django_db_blocker
):
    file, log = tmp_path / "db.sqlite3", tmp_path / "log"
    env = env_of(file, tmp_path / "jobs", mail_server)
    manage(env, "migrate", "--no-input", "--verbosity=0")
    with django_db_blocker.unblock(), as_default(env["DATABASE_URL"]):
        meeting = MeetingFactory(scheduled_at=soon(timezone.now(), 72 * 60))
        # This test woke the queue, and sent the mails itself.
        booked = Notification.objects.filter(kind="booked", recipient=meeting.learner)
        booked.update(mail_state="waiting", due_at=timezone.now())
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            worker = started(env, log)
            try:
                manage(env, "shell", "-v", "0", "-c", RING)
                wait_until(lambda: "database is locked" in log.read_text(), worker)
                sent = len(mail_server.mails_to(meeting.learner.email))
                other.execute("ROLLBACK")
                manage(env, "shell", "-v", "0", "-c", RING)
                wait_until(lambda: booked.get().mail_state == "sent", worker)
                status = worker.exit_status
            finally:
                worker.stop(seconds=30)

        assert (sent, status) == (0, None)
        assert len(mail_server.mails_to(meeting.learner.email)) == 1
        assert '"name": "send_mail", "outcome": "done"' in log.read_text()


def test_a_queue_that_is_away_stops_no_worker(mail_server, tmp_path):
    skip_without_redis()
    log = tmp_path / "log"
    done = '"name": "send_mail", "outcome": "done"'
    with RedisServer() as redis:
        env = env_of(tmp_path / "db.sqlite3", "", mail_server, JOBS_URL=redis.url_of(1))
        manage(env, "migrate", "--no-input", "--verbosity=0")
        worker = started(env, log)
        try:
            manage(env, "shell", "-v", "0", "-c", RING)
            wait_until(lambda: log.read_text().count(done) == 1, worker)
            redis.stop()
            wait_until(lambda: "Error reading from queue" in log.read_text(), worker)
            redis.start()
            manage(env, "shell", "-v", "0", "-c", RING)
            wait_until(lambda: log.read_text().count(done) == 2, worker)
            status = worker.exit_status
        finally:
            worker.stop(seconds=30)

    assert status is None
