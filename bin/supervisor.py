"""Run a few processes as one: they start together, and end together."""

import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from bin.processes import Process, stop_all

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_ANSWER = 60
SECONDS_TO_STOP = 10


class Stopped(Exception):
    """Somebody asked us to stop: Ctrl-C, SIGTERM, or a closed terminal."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Inside the block, a stop signal raises Stopped, once: make sends the same signal again."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        _on_signals(signal.SIG_IGN)
        raise Stopped

    _on_signals(stop)
    try:
        yield
    finally:
        _on_signals(signal.SIG_IGN)


def supervise(
    processes: Iterable[Process], *, answers: Callable[[], bool], on_answer: Callable[[], None]
) -> int:
    """Run them until one ends, and return its status, never 0; to be called inside stoppable().

    Each process starts when the iterator reaches it. on_answer is called once, when answers() first
    returns True; if it does not in SECONDS_TO_ANSWER, all are stopped. None is left running.
    """
    started: list[Process] = []
    try:
        for process in processes:
            started.append(process)  # noqa: PERF402 - each counts as soon as it runs
        return _watch(started, answers, on_answer)
    finally:
        _on_signals(signal.SIG_IGN)
        stop_all(started, seconds=SECONDS_TO_STOP)


def _watch(
    processes: list[Process], answers: Callable[[], bool], on_answer: Callable[[], None]
) -> int:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    has_answered = False
    while True:
        for process in processes:
            if process.exit_status is not None:
                _say(f"{process.name} ended with status {process.exit_status}; stopping.")
                return process.exit_status or 1
        if not has_answered and answers():
            has_answered = True
            on_answer()
        if not has_answered and time.monotonic() > deadline:
            _say(f"No good answer in {SECONDS_TO_ANSWER} seconds; stopping.")
            return 1
        time.sleep(0.2)


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
