import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.e2e.servers.binaries import find_postgres
from tests.e2e.servers.postgres import PostgresServer

pytestmark = pytest.mark.skipif(find_postgres() is None, reason="no PostgreSQL server is installed")

SECONDS_TO_STOP = 15


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


def test_a_created_database_keeps_what_is_written(server: PostgresServer) -> None:
    url = server.create_database("kept")

    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE words (word text)")
        connection.execute("INSERT INTO words VALUES ('grüezi')")

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT word FROM words").fetchall() == [("grüezi",)]


def test_creating_a_database_again_empties_it(server: PostgresServer) -> None:
    with psycopg.connect(server.create_database("again")) as connection:
        connection.execute("CREATE TABLE words (word text)")

    url = server.create_database("again")

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('words')").fetchone() == (None,)


def test_it_is_gone_after_the_block() -> None:
    with PostgresServer() as server:
        url = server.url

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_it_ends_with_a_parent_that_is_killed() -> None:
    program = textwrap.dedent("""
        import time
        from tests.e2e.servers.postgres import PostgresServer
        with PostgresServer() as server:
            print(server.folder, flush=True)
            time.sleep(60)
    """)
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    folder = Path(parent.stdout.readline().strip())
    lock = folder / "data" / "postmaster.pid"
    assert lock.exists()

    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()

    deadline = time.monotonic() + SECONDS_TO_STOP
    while lock.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not lock.exists()
    shutil.rmtree(folder)
