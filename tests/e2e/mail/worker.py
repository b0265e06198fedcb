"""Sends due mail like the worker, in processes that tests may kill.

It is started once and forks a sender for each line of its input, which is faster than starting
Python sixty times. The line is the sender's task: `once`, or `until-empty`, which also waits for
the mails that others have claimed. The output is the sender's process id.
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

# Longer than any test, so that the test itself decides when the claims of killed senders expire.
LEASE = timedelta(minutes=10)


def main() -> None:
    django.setup()
    # Takes a second; done here so that not each sender repeats it.
    DNS_NAME.get_fqdn()
    reverse("meetings:home")
    get_template("emails/booked.txt")
    get_template("emails/booked.html")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            # A normal exit would run the parent's cleanup too.
            os._exit(_send(line.strip()))
        _answer(str(child))
        if line.startswith("wait"):
            os.waitpid(child, 0)
            _answer("done")


def _answer(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _send(how: str) -> int:
    # Models can be imported only after django.setup().
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
