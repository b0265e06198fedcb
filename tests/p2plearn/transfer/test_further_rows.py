"""Moves a site from SQLite to PostgreSQL, to MongoDB, and back to SQLite.

Each command is a separate process, since a process uses one kind of database.
"""

import os
import subprocess
import sys

import pytest

from tests.e2e.servers.mongodb import MongoError, MongoServer
from tests.e2e.servers.postgres import PostgresError, PostgresServer
from tests.e2e.servers.web import ROOT

pytestmark = [
    pytest.mark.race,
    pytest.mark.skipif(
        bool(os.environ.get("DATABASE_URL")), reason="told once, where all tests run on SQLite"
    ),
]

FILL = "from tests.p2plearn.transfer.filled import fill; fill()"
STEPS = ("postgres", "mongodb", "sqlite")


@pytest.fixture
def servers(tmp_path):
    """`{kind: DATABASE_URL}`, each of an empty database."""
    try:
        with PostgresServer() as postgres, MongoServer() as mongo:
            yield {
                "sqlite": f"sqlite:///{tmp_path / 'last.sqlite3'}",
                "postgres": postgres.create_database("moved"),
                "mongodb": mongo.create_database("moved"),
            }
    except (PostgresError, MongoError) as error:
        # In CI, skipping is a failure.
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"NOTHING MOVES: {error}")


def manage(url, *arguments):
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url}
    command = [sys.executable, "manage.py", *arguments]
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def counted(told):
    """The output's counts and checksum, without models that have no rows."""
    lines = {line.strip() for line in told.splitlines()}
    return {line for line in lines if line[:1].isdigit() and not line.startswith("0 ")}


def test_from_one_database_to_the_next_and_back(servers, tmp_path):
    first = f"sqlite:///{tmp_path / 'first.sqlite3'}"
    manage(first, "migrate", "--verbosity=0")
    manage(first, "shell", "--verbosity=0", "-c", FILL)
    file = tmp_path / "start.gz"
    start = counted(manage(first, "export_data", str(file)))
    for kind in STEPS:
        manage(servers[kind], "migrate", "--verbosity=0")
        came = counted(manage(servers[kind], "import_data", str(file)))
        file = tmp_path / f"{kind}.gz"
        went = counted(manage(servers[kind], "export_data", str(file)))

        assert came == went == start
    assert any("sha256" in line for line in start)
