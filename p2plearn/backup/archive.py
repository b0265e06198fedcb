"""A backup in one file: a tar with a note of its time, the database and the uploaded files."""

import json
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from p2plearn.transfer.media import read, stored_names

FORMAT = "p2plearn-copy"
VERSION = 1
NOTE, DATABASE, MEDIA, END = "copy.json", "db.sqlite3", "media/", "end"


class InvalidBackup(Exception):
    """A copy cannot be made or used; str() says why."""


class Archive:
    """A copy that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._media: set[str] = set()

    def add_note(self, copied_at: datetime) -> None:
        note = {"format": FORMAT, "version": VERSION, "copied_at": copied_at.isoformat()}
        self._add(NOTE, json.dumps(note).encode())

    def add_database(self, file: Path) -> None:
        self._tar.add(file, DATABASE)

    def add_media(self) -> int:
        """Add the uploaded files that are not in it yet; returns how many it has now."""
        for name in stored_names():
            if name not in self._media and (content := read(name)) is not None:
                self._add(MEDIA + name, content)
                self._media.add(name)
        return len(self._media)

    def end(self) -> None:
        """Write the end marker, since a tar that is cut off can look complete."""
        self._add(END, b"")

    def _add(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        self._tar.addfile(entry, BytesIO(content))


@contextmanager
def entries(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Yield `(name, content)` of each file. Raises InvalidBackup if the tar is damaged or cut."""
    try:
        with tarfile.open(path, mode="r:*") as tar:
            yield (
                (entry.name, content)
                for entry in tar
                if entry.isfile() and (content := tar.extractfile(entry)) is not None
            )
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise InvalidBackup(f"{path} is no copy of the site, or is cut off.") from error


def copied_at(note: bytes) -> datetime:
    """When the copy was made. Raises InvalidBackup if the note is invalid or of another version."""
    try:
        found: dict[str, Any] = json.loads(note)
        kind = found["format"], found["version"]
        moment = datetime.fromisoformat(found["copied_at"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidBackup("The file is no copy of the site.") from error
    if kind != (FORMAT, VERSION):
        raise InvalidBackup(f"The file is of another version: {kind[1]}, not {VERSION}.")
    return moment
