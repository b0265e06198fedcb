"""The web server is replaced behind an open socket, and no request is refused meanwhile."""

import http.client
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bin.processes import Process
from tests.deploy.files import DEPLOY

READERS = 6
SECONDS = 20
# Responds slowly enough that requests are running when the server is stopped.
APP = """
import time

def application(environ, start_response):
    time.sleep(0.05)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"{release}"]
"""
# As systemd does it: the socket is descriptor 3, and the environment says so (sd_listen_fds(3)).
ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *sys.argv[2:]])
"""


class Readers:
    """Threads that send requests all the time, each over a new connection, as a proxy does."""

    def __init__(self, door: socket.socket) -> None:
        self.port = door.getsockname()[1]
        self.answers: Counter[str] = Counter()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _reader in range(READERS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, answer: str) -> None:
        deadline = time.monotonic() + SECONDS
        while self.answers[answer] < 20:
            assert time.monotonic() < deadline, f"no {answer!r} but {self.answers}"
            time.sleep(0.02)

    def _read(self) -> None:
        while not self._over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
            try:
                connection.request("GET", "/")
                answer = connection.getresponse().read().decode()
            except (OSError, http.client.HTTPException) as error:
                answer = repr(error)
            finally:
                connection.close()
            self.answers[answer] += 1


def test_a_restart_with_new_code_drops_nothing(tmp_path):
    releases = ("first", "second", "third")
    with _door() as door, ExitStack() as server, Readers(door) as readers:
        for release in releases:
            # The old server ends first, as with systemd.
            server.close()
            server.enter_context(_server(tmp_path, door, release))
            readers.wait_for(release)

    assert set(readers.answers) == set(releases)


def test_processes_that_are_replaced_after_many_requests_drop_nothing(tmp_path):
    options = ("--max-requests=15", "--max-requests-jitter=5")
    with _door() as door, _server(tmp_path, door, "same", *options), Readers(door) as readers:
        time.sleep(4)

    assert set(readers.answers) == {"same"}
    # Each of the two processes has been replaced more than once.
    assert readers.answers["same"] > 100


def test_a_replacement_process_answers_while_the_database_is_down(tmp_path):
    (tmp_path / "data").mkdir()
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/data/db.sqlite3",
        "WEB_CONCURRENCY": "1",
    }
    command = [sys.executable, "-c", ACTIVATE]
    with _door() as door:
        command += [str(door.fileno()), "--config", str(DEPLOY / "gunicorn.conf.py")]
        server = Process(
            "The server",
            [*command, "--max-requests=1", "--max-requests-jitter=0", "p2plearn.wsgi:application"],
            cwd=DEPLOY.parent,
            env=env,
            pass_fds=[door.fileno()],
        )
        try:
            before = _status(door, "/healthz")
            (tmp_path / "data").rename(tmp_path / "away")
            during = [_status(door, path) for path in ("/healthz", "/readyz", "/healthz")]
            (tmp_path / "away").rename(tmp_path / "data")
            after = _status(door, "/healthz")
        finally:
            server.stop(seconds=SECONDS)

    assert (before, during, after) == (200, [200, 503, 200], 200)


def _status(door: socket.socket, path: str) -> int:
    port = door.getsockname()[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def _door() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=4096)


@contextmanager
def _server(folder: Path, door: socket.socket, release: str, *options: str) -> Iterator[None]:
    """Start the web server as it is deployed, with an application of that release."""
    home = folder / release
    home.mkdir()
    (home / "app.py").write_text(APP.format(release=release))
    command = [sys.executable, "-c", ACTIVATE, str(door.fileno()), "--config"]
    command += [str(DEPLOY / "gunicorn.conf.py"), *options, "app:application"]
    process = Process("The server", command, cwd=home, pass_fds=[door.fileno()])
    try:
        yield
    finally:
        process.stop(seconds=SECONDS)
