"""The worker, with less patience: a minute is two seconds, and what one had claimed that was killed
is due again after ten. Everything else is what `manage.py run_huey` does."""

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
    from meetings import tasks  # noqa: PLC0415
    from meetings.models import claims  # noqa: PLC0415

    claims.LEASE = LEASE

    def tick() -> None:
        while True:
            tasks.tick()
            time.sleep(MINUTE)

    threading.Thread(target=tick, daemon=True).start()
    call_command("run_huey")


if __name__ == "__main__":
    main()
