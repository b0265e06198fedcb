import argparse
import sqlite3
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from p2plearn.backup.archive import InvalidBackup
from p2plearn.backup.sqlite import back_up, is_sqlite
from p2plearn.transfer.file import InvalidExport


class Command(BaseCommand):
    help = (
        "Copies a site on SQLite, its database and its uploaded files, into one file while it "
        "runs. The copy is checked. The keys of ENCRYPTION_KEYS are not in it: keep them apart."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="where to; compressed if it ends in .gz")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not is_sqlite():
            raise CommandError("This is for SQLite; docs/backup.md tells how others are copied.")
        try:
            media = back_up(file)
        except (InvalidBackup, InvalidExport, OSError, sqlite3.Error) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes, {media} uploaded files; sound.")
