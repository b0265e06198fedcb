"""A collection as the compilers of django-mongodb-backend use one."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol, TypeVar

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.command_cursor import CommandCursor
from pymongo.results import DeleteResult, InsertManyResult, UpdateResult

from p2plearn.mongodb.errors import as_django_errors
from p2plearn.mongodb.statements import (
    Delete,
    Document,
    Insert,
    Lock,
    Update,
    Write,
    is_one_document,
)
from p2plearn.mongodb.transactions import Transaction, run_in_transaction

Answer = TypeVar("Answer")


class Connection(Protocol):
    """The part of DatabaseWrapper that a collection uses.

    transaction: the open one, if any. reading: the session for reads outside of it, if any.
    commits: the number of committed writes.
    """

    transaction: Transaction | None
    reading: ClientSession | None
    commits: int

    # Django's own.
    connection: MongoClient[Document]
    settings_dict: dict[str, Any]
    execute_wrappers: list[Callable[..., Any]]
    queries_log: deque[dict[str, str]]

    @property
    def queries_logged(self) -> bool: ...

    def validate_no_broken_transaction(self) -> None: ...

    def counting_conflicts(self) -> AbstractContextManager[None]: ...


class Rows(Iterator[Document]):
    """The documents of a result, fetched in batches as they are read."""

    def __init__(self, cursor: CommandCursor[Document]) -> None:
        self._cursor = cursor

    def __next__(self) -> Document:
        with as_django_errors():
            return next(self._cursor)

    # The compilers call it as a method.
    next = __next__


class TransactionalCollection:
    """A collection whose statements run in the connection's transaction and raise Django's errors.

    The session that the compilers pass is ignored: the transaction has it.
    """

    def __init__(self, connection: Connection, collection: Collection[Document]) -> None:
        self._connection = connection
        self._collection = collection

    def __getattr__(self, name: str) -> Any:
        """Everything else, such as indexes, is outside of transactions."""
        return getattr(self._collection, name)

    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], session: ClientSession | None = None
    ) -> Rows:
        def ask(session: ClientSession | None) -> CommandCursor[Document]:
            return self._collection.aggregate(pipeline, session=session)

        def send() -> CommandCursor[Document]:
            transaction = self._connection.transaction
            if transaction is not None:
                return transaction.read(ask)
            with as_django_errors():
                return ask(self._connection.reading)

        return Rows(self._logged("aggregate", (pipeline,), send))

    def insert_many(
        self, documents: Sequence[Document], session: ClientSession | None = None
    ) -> InsertManyResult:
        statement = Insert(self._collection, documents)
        return InsertManyResult(self._write("insert_many", (documents,), statement), True)

    def update_many(
        self,
        criteria: Mapping[str, Any],
        pipeline: Sequence[Mapping[str, Any]],
        session: ClientSession | None = None,
    ) -> UpdateResult:
        statement = Update(self._collection, criteria, pipeline)
        found = self._write("update_many", (criteria, pipeline), statement)
        return UpdateResult({"n": found, "nModified": found}, True)

    def delete_many(
        self, criteria: Mapping[str, Any], session: ClientSession | None = None
    ) -> DeleteResult:
        statement = Delete(self._collection, criteria)
        return DeleteResult({"n": self._write("delete_many", (criteria,), statement)}, True)

    def lock(self, criteria: Mapping[str, Any]) -> None:
        """Keep others from locking or changing these documents until the transaction ends."""
        self._write("lock", (criteria,), Lock(self._collection, criteria))

    def _write(self, name: str, arguments: tuple[Any, ...], statement: Write) -> Any:
        def send() -> Any:
            connection = self._connection
            if connection.transaction is not None:
                return connection.transaction.write(statement)
            connection.commits += 1
            if is_one_document(statement):
                with as_django_errors():
                    return statement.send(None)
            with connection.connection.start_session() as session:
                seconds = connection.settings_dict["SECONDS_TO_WAIT"]
                return run_in_transaction(Transaction(session, seconds), statement)

        return self._logged(name, arguments, send)

    def _logged(self, name: str, arguments: tuple[Any, ...], send: Callable[[], Answer]) -> Answer:
        """Call send() through the connection's wrappers, and log it as Django logs queries."""
        connection = self._connection
        connection.validate_no_broken_transaction()
        with connection.counting_conflicts():
            return self._past_wrappers(name, arguments, send)

    def _past_wrappers(
        self, name: str, arguments: tuple[Any, ...], send: Callable[[], Answer]
    ) -> Answer:
        connection = self._connection
        if not (connection.queries_logged or connection.execute_wrappers):
            return send()
        shown = ", ".join(repr(each) for each in arguments)
        text = f"db.{self._collection.name}.{name}({shown})"

        def execute(*_statement: Any) -> Answer:
            return send()

        for wrapper in reversed(connection.execute_wrappers):
            execute = partial(wrapper, execute)
        started = time.monotonic()
        try:
            return execute(text, None, False, {"connection": connection, "cursor": None})
        finally:
            if connection.queries_logged:
                seconds = f"{time.monotonic() - started:.3f}"
                connection.queries_log.append({"sql": text, "time": seconds})
