"""Simulates a process that dies between any two statements."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created

# As SQL, and as Django logs MongoDB's statements.
CHANGE_OF_AN_EVENT = re.compile(
    r"UPDATE \W?meetings_calendarevent|db\.meetings_calendarevent\.update"
)


class Killed(BaseException):
    """Raised in place of the kill; a BaseException, so that no code catches it."""


@contextmanager
def dying_at_change(number: int) -> Iterator[None]:
    """Raise Killed in this thread at its first, second, … change of a calendar event's row."""
    left = number

    def die(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if CHANGE_OF_AN_EVENT.match(sql):
            left -= 1
            if left == 0:
                raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die):
        yield


class Death:
    """Raises Killed at every query, in any thread, after that many more queries."""

    def __init__(self) -> None:
        self.left: int | None = None

    def after(self, queries: int | None) -> None:
        """Set the number of queries until death; None means never."""
        self.left = queries

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if self.left is not None:
            if self.left == 0:
                self.left = None
                raise Killed
            self.left -= 1
        return execute(sql, params, many, context)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch all connections, also those that threads open later."""
        watched = []

        def watch(connection: Any, **_kwargs: Any) -> None:
            if self not in connection.execute_wrappers:
                connection.execute_wrappers.append(self)
                watched.append(connection)

        connection_created.connect(watch)
        watch(connection)
        try:
            yield
        finally:
            connection_created.disconnect(watch)
            for each in watched:
                each.execute_wrappers.remove(self)
