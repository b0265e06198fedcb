import signal
import sys
import time
from pathlib import Path

from bin.processes import Process, stop_all

SAYS_WHEN_READY = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
IGNORES_REQUESTS = (
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SAYS_WHEN_READY}"
)


def test_a_process_ends_by_its_own_signal(tmp_path: Path) -> None:
    process = _started(SAYS_WHEN_READY, tmp_path / "ready")

    process.stop()

    assert process.exit_status == 128 + signal.SIGTERM


def test_one_that_ignores_us_is_ended_by_force(tmp_path: Path) -> None:
    stubborn = _started(IGNORES_REQUESTS, tmp_path / "stubborn")
    obliging = _started(SAYS_WHEN_READY, tmp_path / "obliging")
    began = time.monotonic()

    stop_all([stubborn, obliging], seconds=0.5)

    assert time.monotonic() - began < 5
    assert stubborn.exit_status == 128 + signal.SIGKILL
    assert obliging.exit_status == 128 + signal.SIGTERM


def test_the_status_of_one_that_ended_by_itself(tmp_path: Path) -> None:
    process = Process("python", [sys.executable, "-c", "raise SystemExit(3)"])
    deadline = time.monotonic() + 10
    while process.exit_status is None and time.monotonic() < deadline:
        time.sleep(0.05)

    process.stop()

    assert process.exit_status == 3


def test_what_it_says_goes_to_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = _started(f"print('hello', flush=True); {SAYS_WHEN_READY}", tmp_path / "r", log=log)

    process.stop()

    assert log.read_text() == "hello\n"


def _started(program: str, ready: Path, *, log: Path | None = None) -> Process:
    process = Process("python", [sys.executable, "-c", program, ready], log=log)
    deadline = time.monotonic() + 10
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return process
