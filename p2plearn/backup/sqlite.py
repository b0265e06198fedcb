"""The site's SQLite file: copied while it is written to, and put back."""

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

from p2plearn.backup.archive import DATABASE, END, MEDIA, NOTE, Archive, NoCopy, copied_at, entries
from p2plearn.transfer.file import writing
from p2plearn.transfer.media import keep


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def database_file() -> Path:
    """Where the site's database is."""
    return Path(connection.settings_dict["NAME"])


def back_up(target: Path) -> int:
    """Write a copy of the site as it is now to target; returns how many uploaded files it has.

    Those who write meanwhile do not wait. Raises NoCopy if the copy is not sound; FileUnfit if
    target is there.
    """
    with (
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as folder,
        writing(str(target)) as file,
        tarfile.open(fileobj=file, mode="w|") as tar,
    ):
        archive, copy = Archive(tar), Path(folder) / DATABASE
        archive.add_note(timezone.now())
        # Twice: whatever the database tells of was there before it was copied, or came meanwhile.
        archive.add_media()
        _copy_database(copy)
        archive.add_database(copy)
        media = archive.add_media()
        archive.end()
    return media


@contextmanager
def restored(source: Path) -> Iterator[datetime]:
    """The copy in source as the default database, still beside its place; when it was made.

    At the end of the block it takes its place. If the block fails nothing has happened. Raises
    NoCopy.
    """
    place = database_file()
    taken = [f"{place}{end}" for end in ("", "-wal", "-shm", "-journal")]
    if there := [name for name in taken if Path(name).exists() and Path(name).stat().st_size]:
        raise NoCopy(f"{there[0]} is there already: move it away first.")
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
        # In one step: it reads one moment, and with the write-ahead log keeps nobody waiting
        # (https://www.sqlite.org/backup.html).
        connection.connection.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    _check(copy)


def _check(copy: Path) -> None:
    """Raises NoCopy unless the file is sound."""
    try:
        with closing(sqlite3.connect(copy)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(1)")]
            lost = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise NoCopy(f"The copy of the database is damaged: {error}.") from error
    if found != ["ok"] or lost:
        raise NoCopy(f"The copy of the database is damaged: {found if lost is None else lost}.")


def _seal(copy: Path) -> None:
    """Have all of it in the one file that is moved. Raises NoCopy if somebody still uses it."""
    try:
        with closing(sqlite3.connect(copy)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise NoCopy("Something still works on the copy; please try again.") from error


def _unpack(source: Path, copy: Path, undo: ExitStack) -> datetime:
    """undo is told how to remove the uploaded files that were not there before."""
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
        raise NoCopy(f"{source} is no copy of the site, or is cut off.")
    return made_at


@contextmanager
def _default_database(file: Path) -> Iterator[None]:
    """Let all of this process see that file as the site's database."""
    place = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(file)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = place


def _migrate() -> None:
    """Bring an older copy up to the code. Raises NoCopy for one that is newer."""
    loader = MigrationExecutor(connection).loader
    assert loader.applied_migrations is not None
    if unknown := loader.applied_migrations.keys() - loader.disk_migrations.keys():
        app, name = min(unknown)
        raise NoCopy(f"The copy is of a newer version of the site: it has {app}.{name}.")
    call_command("migrate", verbosity=0, interactive=False)
