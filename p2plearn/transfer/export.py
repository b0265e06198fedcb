"""Export all data of the site."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from p2plearn.transfer.file import MEDIA, Summary, Writer
from p2plearn.transfer.media import read, stored_names
from p2plearn.transfer.models import fields_of, transferred_models
from p2plearn.transfer.portable_keys import Names
from p2plearn.transfer.rows import rows_of

OUR_APPS = ("accounts", "meetings")
Tell = Callable[[str], object]


def export(target: BinaryIO, *, tell: Tell) -> Summary:
    """Write all data to target; tell is called with a line for each finished model."""
    writer, names = Writer(target), Names()
    media: set[str] = set()
    with snapshot():
        writer.begin({"exported_at": timezone.now().isoformat(), **shape()})
        # Twice: the rows may refer to files that were uploaded after the first pass.
        _add_media(writer, media)
        for model in transferred_models():
            label, number = model._meta.label, 0
            for row in rows_of(model, names):
                writer.add(label, row)
                number += 1
            tell(f"{number:>9,} {label}")
        _add_media(writer, media)
    tell(f"{len(media):>9,} {MEDIA}")
    return writer.end()


def _add_media(writer: Writer, written: set[str]) -> None:
    """Write the uploaded files that are not in written yet."""
    for name in stored_names():
        if name not in written and (content := read(name)) is not None:
            writer.add(MEDIA, [name, b64encode(content).decode()])
            written.add(name)


def shape() -> dict[str, Any]:
    """What must be equal at export and import: the last migrations and each model's columns."""
    graph = MigrationExecutor(connection).loader.graph
    last = {app: sorted(name for _app, name in graph.leaf_nodes(app)) for app in OUR_APPS}
    return {
        "migrations": last,
        "models": {
            model._meta.label: [field.attname for field in fields_of(model)]
            for model in transferred_models()
        },
    }


def is_migrated() -> bool:
    """Whether all migrations are applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


@contextmanager
def snapshot() -> Iterator[None]:
    """Inside the block, read the database as it is now, whatever others write meanwhile."""
    if connection.in_atomic_block:
        yield
    else:
        with SNAPSHOTS[connection.vendor]():
            yield


@contextmanager
def _sqlite() -> Iterator[None]:
    """A deferred transaction, since atomic() would block all other writers."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


@contextmanager
def _postgres() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _mongodb() -> AbstractContextManager[None]:
    engine: Any = connection
    moment: AbstractContextManager[None] = engine.snapshot()
    return moment


SNAPSHOTS = {"sqlite": _sqlite, "postgresql": _postgres, "mongodb": _mongodb}
