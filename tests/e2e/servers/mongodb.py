"""A private MongoDB server, a replica set of one: in a temporary folder, on loopback, removed after
the tests."""

import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from bin.processes import Process
from tests.e2e.servers.binaries import find_mongod
from tests.e2e.servers.ports import free_port

SET = "tests"
SECONDS_TO_START = 60
# In memory if the machine has such a folder, since the data is thrown away.
MEMORY = Path("/dev/shm")
OPTIONS = (
    "--bind_ip=127.0.0.1",
    "--nounixsocket",
    f"--replSet={SET}",
    "--oplogSize=64",
    "--wiredTigerCacheSizeGB=2",
    "--wiredTigerJournalCompressor=none",
    # A test is one transaction, and some take longer than MongoDB's limit of a minute.
    "--setParameter=transactionLifetimeLimitSeconds=1800",
    "--setParameter=diagnosticDataCollectionEnabled=false",
    "--setParameter=ttlMonitorEnabled=false",
)


class MongoError(Exception):
    """The server is not installed, or did not start; the message contains its log."""


class MongoServer:
    """Runs while the block lasts, and never longer than the tests, however they end.

    with MongoServer() as server:
        url = server.create_database("race")
    """

    def __init__(self, *, is_standalone: bool = False) -> None:
        program = find_mongod()
        if program is None:
            raise MongoError("No MongoDB server is installed.")
        self._program = program
        self._options = [each for each in OPTIONS if not (is_standalone and "replSet" in each)]
        self._is_standalone = is_standalone
        place = MEMORY if MEMORY.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="p2plearn-mongodb-", dir=place))
        self._port = 0
        self._process: Process | None = None

    @property
    def url(self) -> str:
        return self.url_of("p2plearn")

    def url_of(self, database: str) -> str:
        query = "" if self._is_standalone else f"?replicaSet={SET}"
        return f"mongodb://127.0.0.1:{self._port}/{database}{query}"

    def create_database(self, name: str) -> str:
        """Drop the database of that name if it exists, and return its DATABASE_URL; MongoDB
        creates it at the first write."""
        drop_database(self.url, name)
        return self.url_of(name)

    def start(self) -> None:
        """Raises MongoError, with the server's log, if it does not start."""
        try:
            for _attempt in range(3):
                if self._starts():
                    return
            raise MongoError(f"MongoDB did not start:\n{self._log_text()}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; harmless if it is stopped."""
        if self._process:
            self._process.kill()
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _starts(self) -> bool:
        """Start it on a new port; False if it does not respond, e.g. since the port is taken."""
        self._port = free_port()
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        self._process = Process(
            "MongoDB",
            [self._program, f"--dbpath={data}", f"--port={self._port}", *self._options],
            cwd=self.folder,
            log=self.folder / "log",
        )
        deadline = time.monotonic() + SECONDS_TO_START
        while self._process.exit_status is None and time.monotonic() < deadline:
            if self._is_ready():
                return True
            time.sleep(0.1)
        self._process.kill()
        return False

    def _is_ready(self) -> bool:
        """Whether it accepts writes; initiates the replica set first."""
        with self._client() as client:
            try:
                if client.admin.command("hello")["isWritablePrimary"]:
                    return True
                member = {"_id": 0, "host": f"127.0.0.1:{self._port}"}
                client.admin.command("replSetInitiate", {"_id": SET, "members": [member]})
            except OperationFailure:  # already initiated
                return False
            except PyMongoError:  # not started yet
                return False
        return False

    def _client(self) -> MongoClient[dict[str, Any]]:
        return MongoClient(
            "127.0.0.1", self._port, directConnection=True, serverSelectionTimeoutMS=2_000
        )

    def _log_text(self) -> str:
        log = self.folder / "log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def drop_database(url: str, name: str) -> None:
    """Drop the database of that name, if it exists, on the server of url."""
    with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=5_000) as client:
        client.drop_database(name)
