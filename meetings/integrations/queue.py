"""The worker's doorbell: whoever has written something for it to do rings, after the commit.

Who answers is registered by the layer above. Nothing rests on the bell: the worker looks by
itself each minute.
"""

from collections.abc import Callable

_answers: list[Callable[[], object]] = []


def on_wake(answer: Callable[[], object]) -> None:
    """Call answer at each ring."""
    _answers.append(answer)


def wake_worker() -> None:
    """Tell the worker that there is something to do now."""
    for answer in _answers:
        answer()
