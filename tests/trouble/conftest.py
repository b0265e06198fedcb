"""These tests bring databases of their own, so one run of the suite is enough for them."""

from pathlib import Path

import pytest
from django.db import connection

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    if connection.vendor == "sqlite":
        return
    once = pytest.mark.skip(reason="brings its own databases: run with the suite on SQLite")
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(once)
