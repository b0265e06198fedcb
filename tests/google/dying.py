"""A process that ends between any two steps, as far as the database can tell."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created


class Killed(BaseException):
    """No error that anything may catch."""


class Death:
    """Ends whatever asks the database, in any thread, after so many queries more."""

    def __init__(self) -> None:
        self.left: int | None = None

    def after(self, queries: int | None) -> None:
        """None is never."""
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
        """All connections, also those that threads open later."""
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
