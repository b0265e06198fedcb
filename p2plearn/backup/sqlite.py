"""Copy the site's SQLite file while it is in use, and restore it."""

import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path

from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from p2plearn.backup.archive import (
    DATABASE,
    END,
    MEDIA,
    NOTE,
    Archive,
    InvalidBackup,
    copied_at,
    entries,
)
from p2plearn.transfer.file import writing
from p2plearn.transfer.media import keep


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def database_file() -> Path:
    """The path of the site's database."""
    return Path(connection.settings_dict["NAME"])


def back_up(target: Path) -> int:
    """Write a copy of the site as it is now to target; returns how many uploaded files it has.

    Concurrent writers do not wait. Raises InvalidBackup if the copy is damaged, and InvalidExport
    if target exists.
    """
    with (
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as folder,
        writing(str(target)) as file,
        tarfile.open(fileobj=file, mode="w|") as tar,
    ):
        archive, copy = Archive(tar), Path(folder) / DATABASE
        archive.add_note(timezone.now())
        # Twice: the copied rows may refer to files that were uploaded after the first pass.
        archive.add_media()
        _copy_database(copy)
        archive.add_database(copy)
        media = archive.add_media()
        archive.end()
    return media


@contextmanager
def restored(source: Path) -> Iterator[datetime]:
    """Unpack source and use it as the default database; yields when the copy was made.

    At the end of the block it becomes the site's database. If the block raises, nothing has
    changed. Raises InvalidBackup or MediaDiffers.
    """
    place = database_file()
    taken = [f"{place}{end}" for end in ("", "-wal", "-shm", "-journal")]
    if there := [name for name in taken if Path(name).exists() and Path(name).stat().st_size]:
        raise InvalidBackup(f"{there[0]} is there already: move it away first.")
    with (
        tempfile.TemporaryDirectory(dir=place.parent, prefix=".restored-") as folder,
        ExitStack() as undo,
    ):
        copy = Path(folder) / DATABASE
        made_at = _unpack(source, copy, undo)
        _check(copy)
        with _default_database(copy):
            _migrate()
            yield made_at
        _seal(copy)
        copy.rename(place)
        undo.pop_all()


def _copy_database(copy: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(copy)) as target:
        # One step reads one snapshot and, with the write-ahead log, blocks no writer
        # (https://www.sqlite.org/backup.html).
        connection.connection.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    _check(copy)


def _check(copy: Path) -> None:
    """Raise InvalidBackup unless the file passes SQLite's integrity and foreign key checks."""
    try:
        with closing(sqlite3.connect(copy)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(1)")]
            lost = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise InvalidBackup(f"The copy of the database is damaged: {error}.") from error
    if found != ["ok"] or lost:
        raise InvalidBackup(
            f"The copy of the database is damaged: {found if lost is None else lost}."
        )


def _seal(copy: Path) -> None:
    """Merge the write-ahead log into the file. Raises InvalidBackup if something still uses it."""
    try:
        with closing(sqlite3.connect(copy)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise InvalidBackup("Something still works on the copy; please try again.") from error


def _unpack(source: Path, copy: Path, undo: ExitStack) -> datetime:
    """Unpack source and return when it was made; undo gets a callback to delete each new file."""
    made_at, is_whole = None, False
    with entries(source) as found:
        for name, content in found:
            if name == NOTE:
                made_at = copied_at(content.read())
            elif made_at is None:
                break
            elif name == DATABASE:
                with copy.open("wb") as file:
                    shutil.copyfileobj(content, file)
            elif name.startswith(MEDIA):
                uploaded = name.removeprefix(MEDIA)
                if keep(uploaded, content.read()):
                    undo.callback(default_storage.delete, uploaded)
            is_whole = name == END
    if made_at is None or not (is_whole and copy.exists()):
        raise InvalidBackup(f"{source} is no copy of the site, or is cut off.")
    return made_at


@contextmanager
def _default_database(file: Path) -> Iterator[None]:
    """Use that file as the default database of this process inside the block."""
    place = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(file)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = place


def _migrate() -> None:
    """Migrate the copy to this version of the site. Raises InvalidBackup if it is newer."""
    loader = MigrationExecutor(connection).loader
    assert loader.applied_migrations is not None
    if unknown := loader.applied_migrations.keys() - loader.disk_migrations.keys():
        app, name = min(unknown)
        raise InvalidBackup(f"The copy is of a newer version of the site: it has {app}.{name}.")
    call_command("migrate", verbosity=0, interactive=False)
