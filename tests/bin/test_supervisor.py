import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# Two processes that write their ids into a folder; the second exits when it is told to.
PROGRAM = """
import sys
from pathlib import Path
from bin.processes import Process
from bin.supervisor import Stopped, stoppable, supervise

folder = Path(sys.argv[1])
child = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); "
sleeps = child + "time.sleep(60)"
fails = child + "time.sleep(0.5); sys.exit(3)"

def processes():
    yield Process("web", [sys.executable, "-c", sleeps, folder / "web"])
    second = fails if sys.argv[2] == "fails" else sleeps
    yield Process("worker", [sys.executable, "-c", second, folder / "worker"])

def answers():
    files = [folder / name for name in ("web", "worker")]
    return all(file.exists() and file.read_text() for file in files)

with stoppable():
    try:
        status = supervise(processes(), answers=answers, on_answer=lambda: print("up", flush=True))
    except Stopped:
        status = 0
sys.exit(status)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_ends_all_in_good_order(tmp_path: Path, number: int) -> None:
    supervisor = _start(tmp_path, "sleeps")

    supervisor.send_signal(number)
    supervisor.send_signal(number)

    supervisor.communicate(timeout=15)
    assert supervisor.returncode == 0
    assert _living(tmp_path) == []


def test_when_one_ends_so_do_all_with_its_status(tmp_path: Path) -> None:
    supervisor = _start(tmp_path, "fails")

    _out, said = supervisor.communicate(timeout=15)

    assert supervisor.returncode == 3
    assert said == "worker ended with status 3; stopping.\n"
    assert _living(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_none_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    supervisor = _start(tmp_path, "sleeps")

    supervisor.kill()
    supervisor.communicate()

    deadline = time.monotonic() + 10
    while _living(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _living(tmp_path) == []


def _start(folder: Path, second: str) -> subprocess.Popen[str]:
    """Start the supervisor, and return it when both its processes run."""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, folder, second],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert supervisor.stdout
    assert supervisor.stdout.readline() == "up\n"
    return supervisor


def _living(folder: Path) -> list[str]:
    """The ids of the processes that still run."""
    numbers = {name: int((folder / name).read_text()) for name in ("web", "worker")}
    return [name for name, number in numbers.items() if _runs(number)]


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    # A zombie exists until its parent waits for it, and the init of some containers never does.
    status = Path(f"/proc/{number}/status")
    return "State:\tZ" not in status.read_text() if status.exists() else True
