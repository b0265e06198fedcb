"""A private Redis server: on loopback, in memory only, removed after the tests."""

import os
import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
import redis

from bin.processes import Process
from tests.e2e.servers.binaries import find_redis
from tests.e2e.servers.ports import free_port

SECONDS_TO_START = 20


class RedisError(Exception):
    """The server is not installed, or did not start; the message contains its log."""


class RedisServer:
    """Runs while the block lasts, and never longer than the tests, however they end.

    with RedisServer() as server:
        url = server.url_of(0)
    """

    def __init__(self) -> None:
        program = find_redis()
        if program is None:
            raise RedisError("No Redis server is installed.")
        self._program = program
        self._folder = Path(tempfile.mkdtemp(prefix="p2plearn-redis-"))
        self._port = 0
        self._process: Process | None = None

    def url_of(self, number: int) -> str:
        """The URL of one of its sixteen databases."""
        return f"redis://127.0.0.1:{self._port}/{number}"

    def start(self) -> None:
        """Start it empty, the first time on a new port, later on the same one.

        Raises RedisError, with the server's log, if it does not start.
        """
        for _attempt in range(3):
            port = self._port or free_port()
            if self._starts(port):
                self._port = port
                return
        log = (self._folder / "log").read_text(encoding="utf-8", errors="replace")
        self.remove()
        raise RedisError(f"Redis did not start:\n{log}")

    def stop(self) -> None:
        """Stop the server; harmless if it is stopped. It can be started again."""
        if self._process:
            self._process.stop()
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    def _starts(self, port: int) -> bool:
        """Start it on that port; False if it does not respond, e.g. since the port is taken."""
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = Process(
            "Redis", [self._program, *options], cwd=self._folder, log=self._folder / "log"
        )
        deadline = time.monotonic() + SECONDS_TO_START
        while self._process.exit_status is None and time.monotonic() < deadline:
            try:
                redis.Redis(port=port, socket_timeout=2).ping()
            except redis.RedisError:
                time.sleep(0.05)
            else:
                return True
        self.stop()
        return False


def skip_without_redis() -> None:
    """Skip the test if there is no Redis server; fixtures that need one call this first."""
    if find_redis() is None:
        # In CI, skipping is a failure.
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("no Redis server is installed: NO TESTS WITH REDIS")
