"""The worker, with less patience: a minute is two seconds, and a claim of somebody who has died
is taken over after ten. Everything else is what `manage.py run_huey` does."""

import threading
import time
from datetime import timedelta

import django
from django.core.management import call_command

LEASE = timedelta(seconds=10)
MINUTE = 2.0


def main() -> None:
    django.setup()
    # Models can be imported only now.
    from meetings import jobs  # noqa: PLC0415
    from meetings.models import calendar, outbox  # noqa: PLC0415

    calendar.LEASE = LEASE
    jobs.outbox = outbox.Outbox(lease=LEASE)  # type: ignore[attr-defined]  # where it is used

    def tick() -> None:
        while True:
            jobs.tick()
            time.sleep(MINUTE)

    threading.Thread(target=tick, daemon=True).start()
    call_command("run_huey")


if __name__ == "__main__":
    main()
