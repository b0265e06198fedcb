"""What happens here that somebody may want to count; who counts is registered from above."""

from collections.abc import Callable

_counters: list[Callable[[str, str], object]] = []

BOOKED, REFUSED = "booked", "refused"


def on_event(counter: Callable[[str, str], object]) -> None:
    """Call counter with what happened and its code, if it has one."""
    _counters.append(counter)


def count_event(event: str, code: str = "") -> None:
    for counter in _counters:
        counter(event, code)
