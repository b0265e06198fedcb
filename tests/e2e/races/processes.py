"""Several processes that call the models at the same moment."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

ROOT = Path(__file__).resolve().parent.parent.parent.parent
# Enough time for every process to read its line.
AHEAD = timedelta(milliseconds=50)


class Workers:
    """Processes of tests.e2e.races.worker, used for many rounds."""

    def __init__(self, processes: Sequence["subprocess.Popen[str]"]) -> None:
        self._processes = processes
        for process in processes:
            assert self._answer(process) == "ready"

    def at_once(self, calls: Sequence[Mapping[str, Any]]) -> list[str]:
        """Let each process make one of the calls at the same moment; return the results."""
        at = (timezone.now() + AHEAD).isoformat()
        busy = self._processes[: len(calls)]
        for process, call in zip(busy, calls, strict=True):
            assert process.stdin
            process.stdin.write(json.dumps({**call, "at": at}, default=str) + "\n")
            process.stdin.flush()
        return [self._answer(process) for process in busy]

    @staticmethod
    def _answer(process: "subprocess.Popen[str]") -> str:
        assert process.stdout
        answer: str = json.loads(process.stdout.readline())
        return answer


@contextmanager
def workers(env: Mapping[str, str], count: int) -> Iterator[Workers]:
    """That many processes on the database of env; they end with the block."""
    with ExitStack() as stack:
        processes = []
        for _process in range(count):
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.races.worker"],
                cwd=ROOT,
                env={**os.environ, **env},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            # A worker exits when its standard input is closed.
            stack.enter_context(process)
            processes.append(process)
        yield Workers(processes)
