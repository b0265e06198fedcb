"""The real site for tests: gunicorn with several processes and threads, over HTTP on loopback."""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bin.processes import Process
from tests.e2e.servers.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent.parent
SECONDS_TO_START = 60


class WebError(Exception):
    """The site could not be prepared or did not start; the message contains its log."""


@contextmanager
def running_site(
    env: Mapping[str, str], *, workers: int = 3, threads: int = 8, migrate: bool = True
) -> Iterator[str]:
    """Start the site with env on top of the environment, and yield its base URL.

    env must have all settings: DJANGO_SETTINGS_MODULE, DATABASE_URL, … Only SITE_URL is set here,
    to the site's real address. Raises WebError, with its log, if it does not start.
    """
    variables = {**os.environ, **env}
    if migrate:
        _manage(variables, "migrate", "--no-input", "--verbosity=0")
        _manage(variables, "createcachetable", "--verbosity=0")
    with tempfile.TemporaryDirectory(prefix="p2plearn-web-") as folder:
        log = Path(folder) / "log"
        process, address = start_site(variables, workers=workers, threads=threads, log=log)
        try:
            yield f"http://{address}"
        finally:
            process.stop()


def start_site(
    variables: Mapping[str, str], *, workers: int, threads: int, log: Path
) -> tuple[Process, str]:
    """Start the site; return its process, which the caller must stop, and its address."""
    for _attempt in range(3):
        address = f"127.0.0.1:{free_port()}"
        command = [sys.executable, "-m", "gunicorn", f"--bind={address}"]
        command += ["--worker-class=gthread", f"--workers={workers}", f"--threads={threads}"]
        command += ["--backlog=512", "--graceful-timeout=3", "--no-control-socket"]
        process = Process(
            "The site",
            [*command, "p2plearn.wsgi:application"],
            cwd=ROOT,
            env={**variables, "SITE_URL": f"http://{address}"},
            log=log,
        )
        deadline = time.monotonic() + SECONDS_TO_START
        while process.exit_status is None and time.monotonic() < deadline:
            if _answers(address):
                return process, address
            time.sleep(0.1)
        process.stop()
    raise WebError(f"The site did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def _manage(variables: Mapping[str, str], *arguments: str) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=dict(variables),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise WebError(f"manage.py {arguments[0]} failed:\n{result.stdout}{result.stderr}")


def _answers(address: str) -> bool:
    """Whether an HTTP server responds there, with any status."""
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
