"""A private PostgreSQL server: in a temporary folder, on loopback, removed after the tests."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from bin.processes import Process
from tests.e2e.servers.binaries import find_postgres
from tests.e2e.servers.ports import free_port

USER = "tests"
SECONDS_TO_START = 30
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "unix_socket_directories": "",
}
# The data is thrown away, so nothing needs to survive a power cut.
HASTY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class PostgresError(Exception):
    """The server is not installed, or did not start; the message contains its log."""


class PostgresServer:
    """Runs while the block lasts, and never longer than the tests, however they end.

    folder has its data; it is left behind only if the parent is killed.

    with PostgresServer() as server:
        url = server.create_database("race")
    """

    def __init__(self, *, is_durable: bool = False) -> None:
        """is_durable: it syncs its writes to disk as in production, for benchmarks."""
        folder = find_postgres()
        if folder is None:
            raise PostgresError("No PostgreSQL server is installed.")
        self._programs = folder
        self._settings = OPTIONS if is_durable else OPTIONS | HASTY
        self.folder = Path(tempfile.mkdtemp(prefix="p2plearn-postgres-"))
        self._user = _server_user()
        self._port = 0
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """The server's empty default database."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{database}"

    def create_database(self, name: str) -> str:
        """Create an empty database, replacing one of that name, and return its DATABASE_URL."""
        create_database(self.url, name)
        return self.url_of(name)

    def start(self) -> None:
        """Raises PostgresError, with the server's log, if it does not start."""
        try:
            self._make_cluster()
            for _attempt in range(3):
                if self._starts():
                    return
            raise PostgresError(f"PostgreSQL did not start:\n{self._log_text()}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; harmless if it is stopped."""
        if self._process:
            self._process.stop()
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

    def _make_cluster(self) -> None:
        if self._user:
            shutil.chown(self.folder, self._user)
        command = [str(self._programs / "initdb"), f"--pgdata={self.folder / 'data'}"]
        result = subprocess.run(
            [
                *command,
                f"--username={USER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ],
            cwd=self.folder,
            user=self._user,
            extra_groups=[] if self._user else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise PostgresError(f"initdb failed:\n{result.stdout}{result.stderr}")

    def _starts(self) -> bool:
        """Start it on a new port; False if it does not respond, e.g. since the port is taken."""
        self._port = free_port()
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        self._process = Process(
            "PostgreSQL",
            [
                self._programs / "postgres",
                "-D",
                self.folder / "data",
                "-p",
                str(self._port),
                *options,
            ],
            cwd=self.folder,
            log=self.folder / "log",
            user=self._user,
            stop_signal=signal.SIGINT,  # "fast" shutdown: it aborts the clients' transactions
        )
        deadline = time.monotonic() + SECONDS_TO_START
        while self._process.exit_status is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return True
        self._process.stop()
        return False

    def _log_text(self) -> str:
        log = self.folder / "log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def create_database(url: str, name: str) -> None:
    """Create an empty database, replacing one of that name, on the server of url."""
    with psycopg.connect(url, autocommit=True) as connection:
        identifier = sql.Identifier(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))


def _server_user() -> str | None:
    """The user for the server: PostgreSQL refuses to run as root, so then it runs as nobody."""
    return "nobody" if os.geteuid() == 0 else None
