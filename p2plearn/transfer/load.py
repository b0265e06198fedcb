"""Import an export file into an empty database."""

from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction

from p2plearn.transfer.export import Tell, shape
from p2plearn.transfer.file import MEDIA, InvalidExport, Summary, checked, header_of, reading, rows
from p2plearn.transfer.media import keep
from p2plearn.transfer.models import Model, fields_of, transferred_models
from p2plearn.transfer.portable_keys import Names, UnknownName
from p2plearn.transfer.rows import CHUNK, object_of

Rows = Iterator[tuple[str, list[Any]]]

# Databases on which one transaction can hold the whole import.
WHOLE_TRANSACTIONS = ("sqlite", "postgresql")


class NotEmpty(Exception):
    """The database is not empty; str() names a model that has rows."""


def load(file: BinaryIO, *, tell: Tell) -> tuple[dict[str, Any], Summary]:
    """Import the whole file; returns its header and summary.

    Raises InvalidExport, MediaDiffers or NotEmpty; then nothing is stored. If one transaction
    cannot hold the import, what was stored is deleted again.
    """
    with reading(file) as lines:
        header = header_of(lines)
        _check_shape(header)
        summary = checked(lines)
    for model in transferred_models():
        if model._base_manager.exists():
            raise NotEmpty(model._meta.label)
    with reading(file) as lines, ExitStack() as undo:
        header_of(lines)
        with _all_or_nothing(), _times_as_they_come():
            _store(rows(lines), tell, undo)
            _continue_numbers()
        undo.pop_all()
    return header, summary


def _check_shape(header: dict[str, Any]) -> None:
    ours = shape()
    if header.get("migrations") != ours["migrations"]:
        raise InvalidExport(
            f"The file is of another version of the site: it has {header.get('migrations')}, this "
            f"one {ours['migrations']}. Run the same version on both sites."
        )
    theirs = header.get("models")
    for label, columns in ours["models"].items():
        if not isinstance(theirs, dict) or theirs.get(label) != columns:
            raise InvalidExport(
                f"The file is of another version of the site: {label} is not the same there. Let "
                "both run the same."
            )


def _store(found: Rows, tell: Tell, undo: ExitStack) -> None:
    """Store rows and files; undo gets a callback to delete each new file."""
    names, known = Names(), {model._meta.label: model for model in transferred_models()}
    for label, group in groupby(found, key=itemgetter(0)):
        if label == MEDIA:
            number = _store_media(group, undo)
        else:
            number = _store_rows(known[label], group, names)
        tell(f"{number:>9,} {label}")


def _store_media(found: Rows, undo: ExitStack) -> int:
    number = 0
    for _label, (name, content) in found:
        if keep(name, b64decode(content)):
            undo.callback(default_storage.delete, name)
        number += 1
    return number


def _store_rows(model: Model, found: Rows, names: Names) -> int:
    number = 0
    try:
        while chunk := [object_of(model, row, names) for _, row in islice(found, CHUNK)]:
            model._base_manager.bulk_create(chunk)
            number += len(chunk)
        connection.check_constraints([model._meta.db_table])
    except UnknownName as error:
        raise InvalidExport(f"{model._meta.label}: {error}.") from error
    except (DatabaseError, ValidationError, ValueError) as error:
        # The database's message may quote the row.
        reason = type(error).__name__
        raise InvalidExport(f"{model._meta.label}, behind row {number:,}: {reason}.") from error
    return number


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    if connection.vendor in WHOLE_TRANSACTIONS:
        with transaction.atomic():
            yield
        return
    try:
        yield
    except BaseException:
        _empty()
        raise


def _empty() -> None:
    for model in reversed(transferred_models()):
        all_rows = model._base_manager.order_by("pk").values_list("pk", flat=True)
        while keys := list(all_rows[:CHUNK]):
            model._base_manager.filter(pk__in=keys).delete()


@contextmanager
def _times_as_they_come() -> Iterator[None]:
    """Turn off auto_now and auto_now_add inside the block, so that rows keep their times."""
    automatic = [
        field
        for model in transferred_models()
        for field in fields_of(model)
        if isinstance(field, models.DateField)
    ]
    before = [(field, field.auto_now, field.auto_now_add) for field in automatic]
    for field in automatic:
        field.auto_now = field.auto_now_add = False
    try:
        yield
    finally:
        for field, auto_now, auto_now_add in before:
            field.auto_now, field.auto_now_add = auto_now, auto_now_add


def _continue_numbers() -> None:
    """Set the sequences of automatic keys past the imported ones."""
    statements = connection.ops.sequence_reset_sql(no_style(), transferred_models())
    if statements:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
