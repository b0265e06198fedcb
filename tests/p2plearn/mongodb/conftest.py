from pathlib import Path

import pytest
from django.db import connection

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    if connection.vendor == "mongodb":
        return
    skip = pytest.mark.skip(reason="about MongoDB: make test DATABASE=mongodb")
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(skip)
