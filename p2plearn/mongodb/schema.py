"""Creates collections, their indexes and their validators."""

from collections import defaultdict
from collections.abc import Collection as AnyOf
from collections.abc import Iterable
from typing import Any

from django.db.models import (
    CheckConstraint,
    Field,
    Index,
    Model,
    PositiveBigIntegerField,
    PositiveIntegerField,
    PositiveSmallIntegerField,
)
from django.db.models.sql import Query
from django_mongodb_backend import schema

POSITIVE = (PositiveBigIntegerField, PositiveIntegerField, PositiveSmallIntegerField)


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Adds check constraints, NOT NULL, positive numbers and complete unique indexes.

    The first three become a validator of the collection. django-mongodb-backend leaves nulls out of
    unique indexes, and queries cannot use such a partial index; so where a column is never null,
    the index is made complete.
    """

    def create_model(self, model: type[Model]) -> None:
        super().create_model(model)
        self._hold_to_rules(model, model._meta.local_fields)

    def add_field(self, model: type[Model], field: "Field[Any, Any]") -> None:
        super().add_field(model, field)
        if field.column:
            self._hold_to_rules(model, [*model._meta.local_fields, field])

    def remove_field(self, model: type[Model], field: "Field[Any, Any]") -> None:
        if field.column:
            left = [each for each in model._meta.local_fields if each.name != field.name]
            self._hold_to_rules(model, left)
        super().remove_field(model, field)

    def _alter_field(
        self,
        model: type[Model],
        old_field: "Field[Any, Any]",
        new_field: "Field[Any, Any]",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        others = [each for each in model._meta.local_fields if each.name != old_field.name]
        # During the change, documents may break both the old and the new rules.
        self._hold_to_rules(model, others)
        super()._alter_field(model, old_field, new_field, *args, **kwargs)
        self._hold_to_rules(model, [*others, new_field])

    def add_constraint(
        self, model: type[Model], constraint: Any, *args: Any, **kwargs: Any
    ) -> None:
        super().add_constraint(model, constraint, *args, **kwargs)
        if isinstance(constraint, CheckConstraint):
            self._hold_to_rules(model, model._meta.local_fields)

    def remove_constraint(self, model: type[Model], constraint: Any) -> None:
        super().remove_constraint(model, constraint)
        if isinstance(constraint, CheckConstraint):
            self._hold_to_rules(model, model._meta.local_fields)

    def add_index(
        self,
        model: type[Model],
        index: Index,
        *,
        field: "Field[Any, Any] | None" = None,
        unique: bool = False,
        **kwargs: Any,
    ) -> None:
        fields: list[Any] = (
            [field] if field else [model._meta.get_field(name) for name in index.fields]
        )
        never_null = [each.column for each in fields if not each.null]
        super().add_index(
            model, _WholeIndex(index, never_null), field=field, unique=unique, **kwargs
        )

    def _hold_to_rules(self, model: type[Model], fields: "Iterable[Field[Any, Any]]") -> None:
        """Set the collection's validator from the model's constraints and these fields.

        Documents that are already stored are not checked.
        """
        rules = [
            _rule(model, each, self.connection)
            for each in model._meta.constraints
            if isinstance(each, CheckConstraint)
        ]
        for field in fields:
            if field.column and not field.null and field.column != "_id":
                rules.append({field.column: {"$ne": None}})
            if isinstance(field, POSITIVE):
                rules.append({"$or": [{field.column: None}, {field.column: {"$gte": 0}}]})
        self.connection.database.command(
            "collMod", model._meta.db_table, validator={"$and": rules} if rules else {}
        )


class _WholeIndex:
    """An index without the partial filter for columns that are never null."""

    def __init__(self, index: Any, never_null: AnyOf[str]) -> None:
        self._index = index
        self._never_null = never_null
        self.name = index.name

    def get_pymongo_index_model(self, *args: Any, **kwargs: Any) -> Any:
        made = self._index.get_pymongo_index_model(*args, **kwargs)
        if made is None:
            return None
        only = made.document.pop("partialFilterExpression", defaultdict(dict))
        for column in self._never_null:
            only.get(column, {}).pop("$type", None)
        if left := {column: what for column, what in only.items() if what}:
            made.document["partialFilterExpression"] = left
        return made


def _rule(model: type[Model], constraint: CheckConstraint, connection: Any) -> dict[str, Any]:
    """The constraint's condition as a MongoDB expression."""
    query: Any = Query(model)
    query.add_q(constraint.condition)
    compiler = query.get_compiler(connection=connection)
    return {"$expr": query.where.as_mql(compiler, connection, as_expr=True)}
