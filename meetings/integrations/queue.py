"""Waking the worker through the queue, after the commit of something for it to do.

A higher layer registers the callback. A lost call does no harm: the worker looks every minute.
"""

from collections.abc import Callable

_answers: list[Callable[[], object]] = []


def on_wake(answer: Callable[[], object]) -> None:
    """Register answer, which wake_worker() calls."""
    _answers.append(answer)


def wake_worker() -> None:
    """Tell the worker that there is something to do now."""
    for answer in _answers:
        answer()
