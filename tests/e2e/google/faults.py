"""Failures on the way to Google, one operation at a time."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Literal

# answer: a status and reason instead of doing it. delay: wait, then do it. drop_before, drop_after:
# close without a response, before or after doing it; reset_before, reset_after: with a reset.
# truncate: do it and send half of the response. conference: "pending" or "failure" for the room.
# late: respond with 503, and do it when Google.land() is called. hang: send nothing until the
# faults are cleared, then close. meanwhile_before, meanwhile_after: call `act` before or after it.
Kind = Literal[
    "answer",
    "delay",
    "drop_before",
    "drop_after",
    "reset_before",
    "reset_after",
    "truncate",
    "conference",
    "calendar_errors",
    "late",
    "hang",
    "meanwhile_before",
    "meanwhile_after",
]


@dataclass(frozen=True)
class Fault:
    kind: Kind
    status: int = 503
    reason: str = "backendError"
    seconds: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()
    conference: str = "pending"
    act: Callable[[], None] | None = None


@dataclass
class Faults:
    """Faults for the next calls of an operation ("events.insert", "token") or a group
    ("events.*"); those of `always` apply to every call until they are cleared."""

    queued: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    always: dict[str, Fault] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    cleared: Event = field(default_factory=Event)

    def add(self, operation: str, *faults: Fault) -> None:
        with self.lock:
            self.queued[operation].extend(faults)

    def keep(self, operation: str, fault: Fault) -> None:
        with self.lock:
            self.always[operation] = fault

    def clear(self) -> None:
        with self.lock:
            self.queued.clear()
            self.always.clear()
            # Release the hanging requests; later ones wait for a new event.
            self.cleared.set()
            self.cleared = Event()

    def next(self, operation: str) -> Fault | None:
        with self.lock:
            for name in (operation, f"{operation.partition('.')[0]}.*"):
                if self.queued[name]:
                    return self.queued[name].pop(0)
            return self.always.get(operation) or self.always.get("*")
