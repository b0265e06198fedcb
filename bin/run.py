"""`make run`: everything from a fresh checkout to a site that answers, and a clean end.

Runs on any Python 3.11 with nothing installed; the site itself runs in .venv.
"""

import http.client
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial

from bin.install import ROOT, RUN, VENV_PYTHON, install, say
from bin.processes import Process
from bin.supervisor import Stopped, stoppable, supervise

HOST = "127.0.0.1"
ENV_FILE = ROOT / ".env"


def main() -> int:
    port = _port(os.environ.get("PORT") or "8000")
    _refuse_a_busy_port(port)
    install(RUN)
    _write_env_file()
    variables = {**_read_env_file(), **os.environ}
    if variables.get("ENVIRONMENT") != "development":
        sys.exit(
            "make run is for development: it makes demo people with known passwords. "
            "Set ENVIRONMENT=development in .env, or see docs/deploy.md."
        )
    address = f"http://{HOST}:{port}"
    env = {**os.environ, "SITE_URL": variables.get("SITE_URL") or address}
    log_ins = _prepare(env)
    say("Starting …")
    banner = f"\n{log_ins}\nP2P Learn is at {address}   (Ctrl-C stops it)"
    return supervise(
        _site(port, env), answers=partial(_answers, port), on_answer=partial(say, banner)
    )


def _prepare(env: Mapping[str, str]) -> str:
    """Run bin.prepare, and return the demo log-ins as text."""
    result = subprocess.run(
        [VENV_PYTHON, "-m", "bin.prepare"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        start_new_session=True,  # a Ctrl-C is ours to handle
    )
    if result.returncode:
        sys.exit("The site could not be prepared; the reason is above.")
    return result.stdout


def _site(port: int, env: Mapping[str, str]) -> Iterator[Process]:
    """Yields web server and worker, each started when the iterator reaches it."""
    options = [
        f"--bind={HOST}:{port}",
        "--worker-class=gthread",
        "--workers=1",
        "--threads=8",
        "--graceful-timeout=5",
        "--log-level=warning",
        "--no-control-socket",
    ]
    python = str(VENV_PYTHON)
    web = [python, "-m", "gunicorn", *options, "p2plearn.wsgi:application"]
    yield Process("The web server", web, env=env, cwd=ROOT)
    worker = [python, "manage.py", "run_huey"]
    yield Process("The worker", worker, env=env, cwd=ROOT)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, and is {text!r}. Try: PORT=8001 make run")
    return int(text)


def _refuse_a_busy_port(port: int) -> None:
    busy = f"Port {port} is busy. Try another: PORT={port % 65535 + 1} make run"
    # macOS lets us bind beside a server that listens on all addresses, so try to connect first.
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
    """Whether the site answers with a status below 500."""
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
    """The plain NAME=value lines of .env; the site itself reads its full syntax."""
    lines = ENV_FILE.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


if __name__ == "__main__":
    with stoppable():
        try:
            status = main()
        except Stopped:
            status = 0
            say("\nStopped.")
    sys.exit(status)
