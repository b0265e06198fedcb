"""The mail server, and senders as separate processes on the test's own database."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.e2e.mail.server import running_mail_server

ROOT = Path(__file__).resolve().parent.parent.parent.parent


@pytest.fixture
def mail_server():
    with running_mail_server() as server:
        yield server


@pytest.fixture
def smtp(mail_server, settings):
    """The server; this process sends its mail there."""
    for name, value in mail_server.settings().items():
        setattr(settings, name, value)
    return mail_server


class Senders:
    """Sender processes, forked by one process that has imported everything already."""

    def __init__(self, env):
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.mail.worker"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._parent.stdin
        assert self._parent.stdout
        self._orders, self._answers = self._parent.stdin, self._parent.stdout

    def start(self, how="once"):
        """Start one, and return its process id; "wait until-empty" waits for its end."""
        self._orders.write(f"{how}\n")
        self._orders.flush()
        child = int(self._answers.readline())
        if how.startswith("wait"):
            assert self._answers.readline() == "done\n"
        return child

    def stop(self):
        self._orders.close()
        self._parent.wait(timeout=20)
        self._answers.close()


@pytest.fixture
def senders(transactional_db, mail_server):
    env = {**os.environ, "DATABASE_URL": database_url(), "EMAIL_URL": mail_server.email_url}
    running = Senders(env)
    yield running
    running.stop()


def database_url():
    """The DATABASE_URL of the test's own database, for another process."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    if connection.vendor == "mongodb":
        return urlsplit(database["HOST"])._replace(path=f"/{database['NAME']}").geturl()
    who = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    return f"{connection.vendor}://{who}/{database['NAME']}"


def kill(process):
    os.kill(process, signal.SIGKILL)
