"""If the site cannot start, it says why in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.servers.binaries import find_mongod
from tests.e2e.servers.mongodb import MongoServer
from tests.e2e.servers.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
UNREACHABLE = "The database that DATABASE_URL names cannot be reached."


def start(url, *command):
    """`(exit status, output)`."""
    env = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://db.example.com/p2plearn", "The settings are not right. DATABASE_URL must begin"),
        ("sqlite:////no-such-folder/db.sqlite3", UNREACHABLE),
        ("postgresql://127.0.0.1:{port}/p2plearn", UNREACHABLE),
        ("mongodb://127.0.0.1:{port}/p2plearn?replicaSet=rs0", UNREACHABLE),
        ("mongodb://127.0.0.1:99999/p2plearn", "The settings are not right. DATABASE_URL"),
    ],
)
@pytest.mark.parametrize("command", [["migrate"], ["run_huey"]])
def test_what_is_wrong_is_one_line_and_no_traceback(url, reason, command):
    status, said = start(url.format(port=free_port()), "manage.py", *command)

    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith(reason)


def test_gunicorn_gives_up_at_once():
    url = f"postgresql://127.0.0.1:{free_port()}/p2plearn"
    bind = f"--bind=127.0.0.1:{free_port()}"

    status, said = start(
        url, "-m", "gunicorn", bind, "--no-control-socket", "p2plearn.wsgi:application"
    )

    assert status == 4
    assert UNREACHABLE in said
    assert "Traceback" not in said


def test_make_run_gives_up_too():
    status, said = start(f"postgresql://127.0.0.1:{free_port()}/p2plearn", "-m", "bin.prepare")

    assert status == 1
    assert UNREACHABLE in said
    assert "Traceback" not in said


def test_a_bug_keeps_its_traceback(tmp_path):
    status, said = start(f"sqlite:///{tmp_path}/empty.sqlite3", "manage.py", "notifications")

    assert status == 1
    assert "Traceback" in said
    assert "no such table" in said


@pytest.mark.skipif(find_mongod() is None, reason="no MongoDB server is installed")
def test_a_mongodb_without_transactions_is_refused():
    with MongoServer(is_standalone=True) as server:
        status, said = start(server.url, "manage.py", "migrate")

    assert status == 1
    assert "a standalone MongoDB server, which has no transactions" in said
    assert "Traceback" not in said
