import argparse
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from meetings.management.commands.settle_copy import moment, settle_and_tell
from p2plearn.backup.archive import InvalidBackup
from p2plearn.backup.sqlite import is_sqlite, restored
from p2plearn.transfer.media import MediaDiffers


class Command(BaseCommand):
    help = (
        "Puts a file of backup in the place of the database, which must be empty, and settles it "
        "as settle_copy does. Stop the site first."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--stopped-at", type=moment, help="as for settle_copy")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_sqlite():
            raise CommandError("This is for SQLite; docs/backup.md tells how others are restored.")
        try:
            with restored(options["file"]) as copied_at:
                self.stdout.write(f"A copy of {copied_at:%Y-%m-%d %H:%M} UTC, sound.")
                settle_and_tell(self.stdout, copied_at=copied_at, stopped_at=options["stopped_at"])
        except (InvalidBackup, MediaDiffers, OSError) as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        call_command("calendar_reconcile", stdout=self.stdout)
