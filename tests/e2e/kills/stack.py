"""The whole site as in production: web processes and a worker, which can be killed."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from bin.processes import Process
from tests.e2e.servers.web import ROOT, start_site


class Stack:
    """env: the variables of its processes. is_up: set while the site answers."""

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        self.env = {**os.environ, **env, "JOBS_FILE": str(folder / "jobs.sqlite3")}
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._processes: list[Process] = []
        self.is_up = threading.Event()
        self.address = ""

    def migrate(self) -> None:
        for command in ("migrate", "createcachetable"):
            subprocess.run(
                [sys.executable, "manage.py", command, "--verbosity=0"],
                cwd=ROOT,
                env=self.env,
                check=True,
            )

    def start(self) -> None:
        worker = Process(
            "The worker",
            [sys.executable, "-m", "tests.e2e.kills.worker"],
            cwd=ROOT,
            env=self.env,
            log=self._folder / "worker.log",
        )
        self._processes = [worker]
        site, self.address = start_site(self.env, workers=3, threads=8, log=self._folder / "log")
        self._processes.append(site)
        self.is_up.set()

    def kill(self) -> None:
        """Kill all processes at the same moment (kill -9)."""
        self.is_up.clear()
        for process in self._processes:
            process.kill()
        self._processes = []

    def logged(self) -> str:
        """The log of all processes."""
        logs = (self._folder / "log", self._folder / "worker.log")
        return "\n".join(log.read_text(errors="replace") for log in logs if log.exists())
