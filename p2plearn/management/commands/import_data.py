import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.management.base import BaseCommand, CommandError

from p2plearn.transfer.export import is_migrated
from p2plearn.transfer.file import STANDARD, InvalidExport
from p2plearn.transfer.load import NotEmpty, load
from p2plearn.transfer.media import MediaDiffers


class Command(BaseCommand):
    help = (
        "Reads a file of export_data into an empty database, all of it or nothing. Whatever "
        "database it came from, the checksum at the end is the one that export_data has shown."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", help="where from; - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_migrated():
            raise CommandError("Run `manage.py migrate` first.")
        try:
            with _opened(options["file"]) as file:
                header, summary = load(file, tell=self.stdout.write)
        except NotEmpty as error:
            raise CommandError(
                f"The database is not empty: it has rows of {error}. Import into a new one."
            ) from error
        except (InvalidExport, MediaDiffers, OSError) as error:
            raise CommandError(f"Nothing was imported. {error}") from error
        self.stdout.write(f"{sum(summary.counts.values()):>9,} in all, sha256 {summary.checksum}")
        self.stdout.write(
            "If the other site has run on since, settle this copy before you start it: "
            f"manage.py settle_copy --copied-at {header['exported_at']}"
        )


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """The open file; stdin is copied to a temporary one, since it is read twice."""
    if name != STANDARD:
        with Path(name).open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        yield cast(BinaryIO, copy)
