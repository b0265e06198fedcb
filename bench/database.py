"""Time for a mentor's month, with and without past meetings, and for a day of all mentors.

Uses its own empty SQLite file. Compare the ratios: they are measured in one run.
"""

import os
import tempfile
import timeit
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import django

if __name__ == "__main__":
    folder = tempfile.TemporaryDirectory(prefix="p2plearn-bench-")
    os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder.name) / 'bench.sqlite3'}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()

from django.core.management import call_command

from accounts.models import MentorProfile, User
from meetings.domain.grid import Interval
from meetings.domain.policy import Status
from meetings.models import BookingRules, Meeting, SessionType, WeeklyHours
from meetings.scheduling.directory import search
from meetings.scheduling.free_slots import free_slots

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
MONTH = Interval(NOW, NOW + timedelta(days=31))
DAY = Interval(NOW + timedelta(days=1), NOW + timedelta(days=2))
ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Zurich"]
# Rows at a time; a filter with the ids of all would be longer than SQLite allows.
BATCH = 500


def main() -> None:
    call_command("migrate", verbosity=0)
    _report_month(_mentors(1)[0])
    _report_directory()


def _report_month(mentor: User) -> None:
    session_type = SessionType.objects.default_of(mentor.pk)
    assert session_type is not None

    def look_up() -> list[Interval]:
        return free_slots(session_type, MONTH).all(60, now=NOW)

    without = _seconds(look_up, rounds=20)
    _past_meetings(mentor, 20_000)
    after = _seconds(look_up, rounds=20)
    print(f"a month of a mentor from the database: {without * 1000:6.2f} ms")
    print(f"the same after 20000 meetings: {after / without:.2f} times that")


def _report_directory() -> None:
    def look_up() -> object:
        return search(window=DAY, now=NOW)

    _mentors(99)
    hundred = _seconds(look_up, rounds=3)
    _mentors(900)
    thousand = _seconds(look_up, rounds=3)
    print(f"who of  100 mentors is free on a day: {hundred * 1000:6.1f} ms")
    print(
        f"who of 1000 mentors is free on a day: {thousand * 1000:6.1f} ms, "
        f"{thousand / hundred:.1f} times that"
    )


def _seconds(look_up: Callable[[], object], *, rounds: int) -> float:
    """How long one look-up takes at best, once everything is warm."""
    look_up()
    return min(timeit.repeat(look_up, number=rounds, repeat=3)) / rounds


def _mentors(count: int) -> list[User]:
    """Create mentors who are open on working days, in different zones."""
    people = User.objects.bulk_create(
        [
            User(name=f"Mentor {n}", email=f"{uuid4()}@example.com", timezone=ZONES[n % len(ZONES)])
            for n in range(count)
        ],
        batch_size=BATCH,
    )
    MentorProfile.objects.bulk_create(
        [MentorProfile(user=person, headline="Teaches") for person in people], batch_size=BATCH
    )
    BookingRules.objects.bulk_create(
        [BookingRules(mentor=person) for person in people], batch_size=BATCH
    )
    SessionType.objects.bulk_create(
        [SessionType(mentor=person) for person in people], batch_size=BATCH
    )
    WeeklyHours.objects.bulk_create(
        [
            WeeklyHours(mentor=person, weekday=day, starts=9 * 60, ends=17 * 60)
            for person in people
            for day in range(5)
        ],
        batch_size=BATCH,
    )
    return people


def _past_meetings(mentor: User, count: int) -> None:
    learner = User.objects.create_user(f"{uuid4()}@example.com", name="Learner")
    Meeting.objects.bulk_create(
        [
            Meeting(
                mentor=mentor,
                learner=learner,
                subject="Long ago",
                scheduled_at=NOW - (n + 2) * timedelta(hours=1),
                ends_at=NOW - (n + 1) * timedelta(hours=1),
                duration=60,
                status=Status.COMPLETED,
            )
            for n in range(count)
        ],
        batch_size=BATCH,
    )


if __name__ == "__main__":
    main()
