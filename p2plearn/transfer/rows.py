"""Rows as lists of plain values, the same for each database."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db import models

from p2plearn.transfer.models import Model, fields_of, has_ordinals
from p2plearn.transfer.portable_keys import Names, key_at

# How many rows are in memory at a time.
CHUNK = 1_000


def rows_of(model: Model, names: Names) -> Iterator[list[Any]]:
    """All of the model's rows, in the order of their keys."""
    fields = fields_of(model)
    columns = [field.attname for field in fields]
    own = columns.index(model._meta.pk.attname)
    places = count(1)
    for raw in _raw_rows(model, columns, own):
        row = [_written(field, value, names) for field, value in zip(fields, raw, strict=True)]
        if has_ordinals(model):
            row[own] = next(places)
        if model is LogEntry:
            _write_log_entry(row, raw, columns, names)
        yield row


def object_of(model: Model, row: list[Any], names: Names) -> models.Model:
    """The row as an object to store. Raises UnknownName, ValueError, ValidationError."""
    fields = fields_of(model)
    values = {
        field.attname: _read(field, value, names) for field, value in zip(fields, row, strict=True)
    }
    if model is LogEntry:
        type_name = row[[field.attname for field in fields].index("content_type_id")]
        values["object_id"] = names.object_id(type_name, values["object_id"])
    return model(**values)


def _raw_rows(model: Model, columns: list[str], own: int) -> Iterator[tuple[Any, ...]]:
    """Rows in chunks, each after the last key, so that no database keeps a cursor open."""
    ordered = model._base_manager.order_by("pk").values_list(*columns)
    rest = ordered
    while chunk := list(rest[:CHUNK]):
        yield from chunk
        rest = ordered.filter(pk__gt=chunk[-1][own])


def _written(field: Any, value: Any, names: Names) -> Any:
    if field.is_relation:
        value = names.of(field.related_model, value)
    match value:
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case datetime():
            return _stamp(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes() | memoryview():
            return b64encode(bytes(value)).decode()
    if field.primary_key:
        # An ObjectId; rows_of() writes its position instead.
        return None
    raise TypeError(f"{field} has a value of the unknown type {type(value)}")


def _read(field: Any, value: Any, names: Names) -> Any:
    if field.is_relation:
        return names.key(field.related_model, value)
    if field.primary_key and has_ordinals(field.model):
        return key_at(field.model, value)
    return value if isinstance(field, models.JSONField) else field.to_python(value)


def _stamp(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond, which all databases keep."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _write_log_entry(
    row: list[Any], raw: tuple[Any, ...], columns: list[str], names: Names
) -> None:
    """Replace object_id, which is a text and not a foreign key, by a name."""
    where = columns.index("object_id")
    row[where] = names.of_object(raw[columns.index("content_type_id")], raw[where])
