import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from p2plearn.transfer.export import export, is_migrated
from p2plearn.transfer.file import InvalidExport, writing


class Command(BaseCommand):
    help = (
        "Writes everything that the site holds, people, meetings and their photos, for import_data "
        "on any database. Sessions, caches and the queue stay behind. The file holds hashes of "
        "passwords and private notes: keep it as safe as the database."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "file", help="where to; compressed if it ends in .gz; - for standard output"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_migrated():
            raise CommandError("Run `manage.py migrate` first.")
        try:
            with writing(options["file"]) as target:
                summary = export(target, tell=self._tell)
        except (InvalidExport, OSError, OperationalError) as error:
            raise CommandError(str(error)) from error
        self._tell(f"{sum(summary.counts.values()):>9,} in all, sha256 {summary.checksum}")

    def _tell(self, line: str) -> None:
        """Write to stderr, since stdout may carry the data."""
        sys.stderr.write(f"{line}\n")
