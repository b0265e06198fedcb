import argparse
from datetime import datetime
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils import timezone

from meetings.booking.restored_copy import SettledAlready, settle


class Command(BaseCommand):
    help = (
        "Prepares an older copy of the site, just restored, to take its place: mail is not sent "
        "twice, all sessions and tokens end, and differences from the Google calendars are "
        "printed. Run it once, before the site and its worker start."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--copied-at", required=True, type=moment, help="when the copy was made, with an offset"
        )
        parser.add_argument(
            "--stopped-at",
            type=moment,
            help="until when the old site may have run (now): what was to be mailed until then is "
            "left to staff, what is due later goes by itself",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        settle_and_tell(self.stdout, options["copied_at"], options["stopped_at"])
        call_command("calendar_reconcile", stdout=self.stdout)


def settle_and_tell(
    stdout: OutputWrapper, copied_at: datetime, stopped_at: datetime | None
) -> None:
    """Settle the copy and print what was done. Raises CommandError."""
    now = timezone.now()
    stopped_at = stopped_at or now
    if not copied_at <= stopped_at <= now:
        raise CommandError("--copied-at must be before --stopped-at, and neither in the future.")
    try:
        settled = settle(copied_at=copied_at, stopped_at=stopped_at, now=now)
    except SettledAlready as error:
        raise CommandError(f"This copy was settled at {error}. Nothing was changed.") from error
    stdout.write(
        f"{settled.set_aside} mails may have gone already: they are set aside, and staff can send "
        f"them in /admin/.\n{settled.dropped} mails were dropped that nobody needs any more.\n"
        f"{settled.sessions} sessions were ended; everybody has to log in again."
    )


def moment(text: str) -> datetime:
    """The aware datetime of an ISO 8601 text. Raises ArgumentTypeError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no time like 2027-03-01T12:00Z") from error
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} needs an offset, like 2027-03-01T12:00Z")
    return found
