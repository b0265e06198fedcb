"""Sends due mail as the worker does, in processes that tests may kill.

Started once, it forks a sender for each line that it reads: that is quicker than starting Python
sixty times. A line is what the sender does: `once`, or `until-empty`, which waits for what others
have in hand; the answer is its id.
"""

import os
import sys
import time
from datetime import timedelta

import django
from django.core.mail.utils import DNS_NAME
from django.db.models import Q
from django.template.loader import get_template
from django.urls import reverse

# Longer than any test, so that a test says itself when the claims of the killed have run out.
LEASE = timedelta(minutes=10)


def main() -> None:
    django.setup()
    # What takes a second, and would be done anew in each sender.
    DNS_NAME.get_fqdn()
    reverse("meetings:home")
    get_template("emails/booked.txt")
    get_template("emails/booked.html")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            # What it leaves by other ways than this would be the parent's to run.
            os._exit(_send(line.strip()))
        _answer(str(child))
        if line.startswith("wait"):
            os.waitpid(child, 0)
            _answer("done")


def _answer(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _send(how: str) -> int:
    # Models can be imported only now.
    from django.utils import timezone  # noqa: PLC0415

    from meetings.models import Notification, claims  # noqa: PLC0415
    from meetings.notifications.outbox import send_due  # noqa: PLC0415

    claims.LEASE = LEASE
    send_due(timezone.now())
    while how.endswith("until-empty") and Notification.objects.waiting().filter(
        Q(due_at__lte=timezone.now()) | Q(lease__gt=timezone.now())
    ):
        time.sleep(0.05)
        send_due(timezone.now())
    return 0


if __name__ == "__main__":
    main()
