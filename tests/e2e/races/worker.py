"""A process that calls the models directly, without the checks of pages and forms.

`python -m tests.e2e.races.worker` reads calls as lines of JSON, and prints each result as a line.
"""

import json
import sys
import time
from datetime import datetime, timedelta
from random import Random
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.utils import timezone

from accounts.models import User
from meetings.booking import lifecycle
from meetings.booking.book import book as book_meeting
from meetings.domain.errors import BookingError
from meetings.models import Meeting

DONE = "done"


def save(mentor: str, learner: str, start: str, duration: int) -> str:
    """Store a meeting without checking whether the time is offered or free."""
    try:
        Meeting(
            mentor_id=mentor,
            learner_id=learner,
            subject="Loops",
            scheduled_at=datetime.fromisoformat(start),
            duration=duration,
        ).save()
    except BookingError as error:
        return error.code
    return DONE


def move_about(meeting: str, starts: list[str], times: int, seed: int) -> str:
    """Reschedule it that many times to random starts; return the set of outcomes as one string."""
    random, outcomes = Random(seed), set()
    times_to_go = [datetime.fromisoformat(start) for start in starts]
    for _time in range(times):
        mine = Meeting.objects.get(pk=meeting)
        try:
            lifecycle.reschedule(mine, to=random.choice(times_to_go), by=mine.learner)
        except BookingError as error:
            outcomes.add(error.code)
        else:
            outcomes.add(DONE)
    return " ".join(sorted(outcomes))


def book(mentor: str, learner: str, starts: list[str]) -> str:
    """Book the starts in order until one is refused; return "<count>" or "<count> <code>"."""
    booked = 0
    for start in starts:
        try:
            book_meeting(
                mentor_id=User.objects.get(pk=mentor).pk,
                learner=User.objects.get(pk=learner),
                subject="Loops",
                start=datetime.fromisoformat(start),
                duration=30,
            )
        except BookingError as error:
            return f"{booked} {error.code}"
        booked += 1
    return f"{booked}"


def main() -> None:
    verbs: dict[str, Any] = {"save": save, "move_about": move_about, "book": book}
    print(json.dumps("ready"), flush=True)  # noqa: T201  the result for the parent process
    for line in sys.stdin:
        call = json.loads(line)
        at = datetime.fromisoformat(call.pop("at"))
        time.sleep(max((at - timezone.now()) / timedelta(seconds=1), 0))
        try:
            outcome = verbs[call.pop("verb")](**call)
        except Exception as error:  # noqa: BLE001  the test reports any error
            outcome = f"{type(error).__name__}: {error}"
        print(json.dumps(outcome), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
