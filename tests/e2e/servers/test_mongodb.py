import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from tests.e2e.servers.binaries import find_mongod
from tests.e2e.servers.mongodb import MongoServer

pytestmark = pytest.mark.skipif(find_mongod() is None, reason="no MongoDB server is installed")

SECONDS_TO_STOP = 15


@pytest.fixture(scope="module")
def server() -> Iterator[MongoServer]:
    with MongoServer() as server:
        yield server


def test_it_has_transactions_and_keeps_what_is_written(server: MongoServer) -> None:
    url = server.create_database("kept")

    with MongoClient[dict[str, Any]](url) as client, client.start_session() as session:
        with session.start_transaction():
            client.kept.words.insert_one({"word": "grüezi"}, session=session)
        found = [each["word"] for each in client.kept.words.find()]

    assert found == ["grüezi"]


def test_creating_a_database_again_empties_it(server: MongoServer) -> None:
    with MongoClient[dict[str, Any]](server.create_database("again")) as client:
        client.again.words.insert_one({})

        server.create_database("again")

        assert client.again.list_collection_names() == []


def test_it_is_gone_after_the_block() -> None:
    with MongoServer() as server:
        url = server.url

    client = MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=500)
    with client, pytest.raises(ServerSelectionTimeoutError):
        client.admin.command("ping")
    assert not server.folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_it_ends_with_a_parent_that_is_killed() -> None:
    program = textwrap.dedent("""
        import time
        from tests.e2e.servers.mongodb import MongoServer
        with MongoServer() as server:
            print(server.folder, server.url, flush=True)
            time.sleep(60)
    """)
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    folder, url = parent.stdout.readline().split()

    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()

    deadline = time.monotonic() + SECONDS_TO_STOP
    while _answers(url) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _answers(url)
    shutil.rmtree(Path(folder))


def _answers(url: str) -> bool:
    with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=300) as client:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        return True
