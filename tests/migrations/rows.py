"""Loads the rows of the first version into a database of that version."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.apps.registry import Apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

# Made by make_rows.py: `{model: {"fields": [...], "rows": [[...], ...]}}`, parents first.
FILE = Path(__file__).parent / "first_version.json"
# The last migrations of the first version.
FIRST_VERSION = {"accounts": "0006_language_and_clock", "meetings": "0007_settled_copy"}


@cache
def all_rows() -> dict[str, list[dict[str, Any]]]:
    """`{model: [{field: value}]}`, parents first; the values are JSON values."""
    tables = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        label: [dict(zip(table["fields"], row, strict=True)) for row in table["rows"]]
        for label, table in tables.items()
    }


def migrate_to_first_version() -> Apps:
    """Create the tables of the first version in an empty database, and return its models."""
    executor = MigrationExecutor(connection)
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in FIRST_VERSION]
    state = executor.migrate([*others, *FIRST_VERSION.items()])
    # Like `manage.py migrate`, create the content types and permissions of these models.
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default", apps=state.apps)
    first: Apps = executor.loader.project_state(list(FIRST_VERSION.items())).apps
    return first


def load(first: Apps) -> None:
    """Store all rows unchanged, with the models of the first version."""
    for label, rows in all_rows().items():
        model = first.get_model(label)
        for field in model._meta.concrete_fields:
            if isinstance(field, models.DateTimeField):
                # Otherwise auto_now would set it to the time of the test.
                field.auto_now = False
        objects = [
            model(**{name: value_of(model, name, value) for name, value in row.items()})
            for row in rows
        ]
        model._base_manager.bulk_create(objects)


def value_of(model: type[models.Model], name: str, value: Any) -> Any:
    """Convert a JSON value for the column of that name (`meeting_id`, not `meeting`)."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return fields[name].to_python(value)
