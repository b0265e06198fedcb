"""The worker with shorter times: a round every two seconds instead of every minute, and leases
of ten seconds. Everything else is as in `manage.py run_huey`."""

import threading
import time
from datetime import timedelta

import django
from django.core.management import call_command

LEASE = timedelta(seconds=10)
MINUTE = 2.0


def main() -> None:
    django.setup()
    # Models can be imported only after django.setup().
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
