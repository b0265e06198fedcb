"""A private PostgreSQL server: made in a temporary folder, on loopback, gone after the tests."""

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
from tests.servers.binaries import find_postgres
from tests.servers.ports import free_port

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
    """The server is not installed, or did not start; the text holds what it said."""


class PostgresServer:
    """Runs from `with` to its end, and not longer than the tests, however those end.

    folder holds its data; only a parent that is killed outright leaves that behind.

    with PostgresServer() as server:
        url = server.create_database("race")
    """

    def __init__(self, *, is_durable: bool = False) -> None:
        """is_durable has it write as in production, for those who measure."""
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
        """The empty database that comes with the server."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database, in place of one of that name, and return its DATABASE_URL."""
        create_database(self.url, name)
        return self.url_of(name)

    def start(self) -> None:
        """Raises PostgresError, with the server's log, when it does not come up."""
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
        """Safe to repeat."""
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
        """Whether it answers on a new port; it does not when somebody else was quicker there."""
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
            stop_signal=signal.SIGINT,  # "fast": it breaks off what its clients do
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
    """Make an empty database, in place of one of that name, on the server of url."""
    with psycopg.connect(url, autocommit=True) as connection:
        identifier = sql.Identifier(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as somebody who owns nothing else."""
    return "nobody" if os.geteuid() == 0 else None
