"""Time for two workers to send a thousand due mails, and a check that none is sent twice.

Uses its own site in a temporary folder, a mail server on loopback, and two sending processes.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from tests.e2e.mail.server import running_mail_server

ROOT = Path(__file__).resolve().parent.parent
MAILS = 1_000
WORKERS = 2


def main() -> None:
    """Prepare and measure; with an argument, do the task of one child process."""
    if len(sys.argv) > 1:
        _in_site(sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as folder, running_mail_server() as server:
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "EMAIL_URL": server.email_url,
        }
        _run(env, "manage.py", "migrate", "--verbosity=0")
        _run(env, "-m", "bench.mail", "write")
        server.mails.clear()
        began = time.monotonic()
        command = [sys.executable, "-m", "bench.mail", "send"]
        workers = [subprocess.Popen(command, cwd=ROOT, env=env) for _number in range(WORKERS)]
        for worker in workers:
            if worker.wait():
                sys.exit("a worker failed")
        seconds = time.monotonic() - began
        taken = server.times_taken()
    twice = sum(times > 1 for times in taken.values())
    print(
        f"{len(taken)} of {MAILS} mails with {WORKERS} workers, their start included: "
        f"{seconds:.1f} s, {twice} of them twice"
    )
    if len(taken) != MAILS or twice:
        sys.exit(1)


def _run(env: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, check=True)


def _in_site(task: str) -> None:
    # Only the child processes load the site.
    import django  # noqa: PLC0415

    django.setup()
    from django.utils import timezone  # noqa: PLC0415

    from meetings.models import Notification  # noqa: PLC0415
    from meetings.notifications.outbox import send_due  # noqa: PLC0415

    now = timezone.now()
    if task == "send":
        while Notification.objects.due(now).exists():
            send_due(now)
        return
    from tests.factories import MeetingFactory, UserFactory, soon  # noqa: PLC0415

    meeting = MeetingFactory(scheduled_at=soon(now + timedelta(days=3)))
    Notification.objects.all().delete()
    Notification.objects.bulk_create(
        Notification(
            recipient=UserFactory(),
            kind="booked",
            meeting=meeting,
            revision=1,
            starts_at=meeting.scheduled_at,
            visible_at=now,
            due_at=now,
        )
        for _number in range(MAILS)
    )


if __name__ == "__main__":
    main()
