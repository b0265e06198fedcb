"""Names of rows in the export file, which do not depend on the database.

A UUID is its own name. A key that the database generates, a number or an ObjectId, is replaced by
the row's position in its table, from 1. Content types and permissions have natural keys.
"""

from functools import lru_cache
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models

from p2plearn.transfer.models import Model, has_ordinals

NUMBERS = ("AutoField", "BigAutoField", "SmallAutoField")


class UnknownName(Exception):
    """No row in this database has that name."""


class Names:
    """Translates keys of this database to names, and names to keys."""

    def __init__(self) -> None:
        # Rows are looked up one by one: few models are named by position, and few rows refer to
        # them, mostly to groups of staff.
        self._place_of = lru_cache(maxsize=10_000)(_place_of)
        self._type_name = lru_cache(maxsize=None)(_type_name)
        self._permission_name = lru_cache(maxsize=None)(_permission_name)
        self._type_key = lru_cache(maxsize=None)(_type_key)
        self._permission_key = lru_cache(maxsize=None)(_permission_key)

    def of(self, model: Model, key: Any) -> Any:
        """The name of the row with this key; the key itself if no database generates it."""
        if key is None:
            return None
        if model is ContentType:
            return self._type_name(key)
        if model is Permission:
            return self._permission_name(key)
        return self._place_of(model, key) if has_ordinals(model) else key

    def key(self, model: Model, name: Any) -> Any:
        """The key of the row with this name. Raises UnknownName."""
        if name is None:
            return None
        if model is ContentType:
            return self._type_key(name)
        if model is Permission:
            return self._permission_key(name)
        return key_at(model, name) if has_ordinals(model) else model._meta.pk.to_python(name)

    def of_object(self, type_key: Any, object_id: str | None) -> str | None:
        """The name for a LogEntry's object_id; None if its row is gone and had a generated key."""
        model = self._logged(self._type_name(type_key)) if type_key else None
        if model is None or not object_id:
            return object_id
        try:
            is_there = model._base_manager.filter(pk=object_id).exists()
        except (ValueError, ValidationError):
            return None
        return str(self._place_of(model, model._meta.pk.to_python(object_id))) if is_there else None

    def object_id(self, type_name: str | None, name: str | None) -> str | None:
        """The object_id in this database for such a name."""
        model = self._logged(type_name) if type_name else None
        return name if model is None or not name else str(key_at(model, int(name)))

    @staticmethod
    def _logged(type_name: str) -> Model | None:
        """The model, if its rows are named by position; else None."""
        app_label, _dot, name = type_name.partition(".")
        model = ContentType(app_label=app_label, model=name).model_class()
        return model if model is not None and has_ordinals(model) else None


def key_at(model: Model, place: int) -> Any:
    """The key for the row at that position; keys keep the order of the exported ones."""
    field = model._meta.pk
    is_number = field.get_internal_type() in NUMBERS
    return place if is_number else field.to_python(f"{place:024x}")


def _place_of(model: Model, key: Any) -> int:
    return model._base_manager.filter(pk__lte=key).count()


def _type_name(key: Any) -> str:
    return ".".join(ContentType.objects.get_for_id(key).natural_key())


def _type_key(name: str) -> Any:
    """The content type's key; created if missing, since the log may name a removed model."""
    app_label, _dot, model = name.partition(".")
    return ContentType.objects.get_or_create(app_label=app_label, model=model)[0].pk


def _permission_name(key: Any) -> str:
    permission = Permission.objects.get(pk=key)
    return f"{_type_name(permission.content_type_id)}.{permission.codename}"


def _permission_key(name: str) -> Any:
    type_name, _dot, codename = name.rpartition(".")
    found: models.QuerySet[Permission] = Permission.objects.filter(
        codename=codename, content_type=_type_key(type_name)
    )
    key = found.values_list("pk", flat=True).first()
    if key is None:
        raise UnknownName(f"the permission {name} is unknown here")
    return key
