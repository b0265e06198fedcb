"""Events that metrics may count; a higher layer registers the counter."""

from collections.abc import Callable

_counters: list[Callable[[str, str], object]] = []

BOOKED, REFUSED = "booked", "refused"


def on_event(counter: Callable[[str, str], object]) -> None:
    """Register counter, which is called with each event and its code, "" without one."""
    _counters.append(counter)


def count_event(event: str, code: str = "") -> None:
    for counter in _counters:
        counter(event, code)
