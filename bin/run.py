"""`make run`: everything from a fresh checkout to a site that answers, and a clean end.

Runs on any Python 3.11 with nothing installed; the site itself runs in .venv.
"""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from bin.install import ROOT, RUN, VENV_PYTHON, install, say
from bin.processes import Process, stop_all

HOST = "127.0.0.1"
ENV_FILE = ROOT / ".env"
SECONDS_TO_ANSWER = 60
SECONDS_TO_STOP = 10


class Stopped(Exception):
    """Somebody asked us to stop: Ctrl-C, SIGTERM, or a closed terminal."""


def main() -> int:
    _on_signals(_stop)
    port = _port(os.environ.get("PORT") or "8000")
    _refuse_a_busy_port(port)
    install(RUN)
    _write_env_file()
    variables = {**_read_env_file(), **os.environ}
    if variables.get("ENVIRONMENT") != "development":
        sys.exit(
            "make run is for development: it makes demo people with known passwords. "
            "Set ENVIRONMENT=development in .env, or see docs/deployment.md."
        )
    address = f"http://{HOST}:{port}"
    env = {**os.environ, "SITE_URL": variables.get("SITE_URL") or address}
    prepare = subprocess.run(
        [VENV_PYTHON, "-m", "bin.prepare"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if prepare.returncode:
        sys.exit("The site could not be prepared; the reason is above.")
    banner = f"\n{prepare.stdout}\nP2P Learn is at {address}   (Ctrl-C stops it)"
    return _serve(port, env, banner=banner)


def _serve(port: int, env: Mapping[str, str], *, banner: str) -> int:
    """Run web and worker until we are told to stop (0) or one of them ends (its status)."""
    say("Starting …")
    processes: list[Process] = []
    try:
        processes.append(Process("The web server", _web_command(port), env=env, cwd=ROOT))
        # huey finishes the job in hand on SIGINT; SIGTERM would break it off.
        worker: list[str | Path] = [VENV_PYTHON, "manage.py", "run_huey"]
        processes.append(
            Process("The worker", worker, env=env, cwd=ROOT, stop_signal=signal.SIGINT)
        )
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        answers = False
        while True:
            for process in processes:
                if process.exit_status is not None:
                    say(f"{process.name} ended with status {process.exit_status}; stopping.")
                    return process.exit_status or 1
            if not answers and (answers := _answers(port)):
                say(banner)
            if not answers and time.monotonic() > deadline:
                say(f"No good answer from the home page in {SECONDS_TO_ANSWER} seconds; stopping.")
                return 1
            time.sleep(0.2)
    except Stopped:
        say("\nStopping …")
        return 0
    finally:
        _on_signals(signal.SIG_IGN)
        stop_all(processes, seconds=SECONDS_TO_STOP)
        say("Stopped.")


def _web_command(port: int) -> list[str | Path]:
    options = [
        f"--bind={HOST}:{port}",
        "--worker-class=gthread",
        "--workers=1",
        "--threads=8",
        "--graceful-timeout=5",
        "--log-level=warning",
        "--no-control-socket",
    ]
    return [VENV_PYTHON, "-m", "gunicorn", *options, "p2plearn.wsgi:application"]


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, and is {text!r}. Try: PORT=8001 make run")
    return int(text)


def _refuse_a_busy_port(port: int) -> None:
    busy = f"Port {port} is busy. Try another: PORT={port % 65535 + 1} make run"
    # macOS lets us bind beside a server that listens on all addresses, so ask for an answer first.
    with socket.socket() as client:
        client.settimeout(1)
        if client.connect_ex((HOST, port)) == 0:
            sys.exit(busy)
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((HOST, port))
        except PermissionError:
            sys.exit(f"Port {port} is for the administrator. Try: PORT=8000 make run")
        except OSError:
            sys.exit(busy)


def _answers(port: int) -> bool:
    """Whether the site speaks, and not of its own errors."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _write_env_file() -> None:
    if ENV_FILE.exists():
        return
    text = (
        "# The settings of this copy, made by `make run`. Every variable: .env.example\n"
        "ENVIRONMENT=development\n"
        f"SECRET_KEY={secrets.token_urlsafe(64)}\n"
    )
    handle = os.open(ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _read_env_file() -> dict[str, str]:
    """The plain NAME=value lines of .env; the site itself reads it with everything it may hold."""
    lines = ENV_FILE.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Once: make passes on what the terminal has sent us already."""
    _on_signals(signal.SIG_IGN)
    raise Stopped


if __name__ == "__main__":
    try:
        status = main()
    except Stopped:
        say("\nStopped.")
        status = 130
    sys.exit(status)
