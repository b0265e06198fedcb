"""Django's transactions, savepoints included, on MongoDB.

MongoDB aborts a transaction at its first error, such as a refused row or a document that another
transaction is changing, and it has no savepoints. So this module records the writes of each
transaction. To go on after an abort, or to return to a savepoint, it starts a new transaction on
the server and repeats the recorded writes. If each returns the same as before, no other transaction
has interfered. If one does not, TransactionConflict is raised and nothing is stored.

The isolation is that of PostgreSQL by default (READ COMMITTED): a statement waits for a locked
document, and then sees it as the other transaction has left it.
"""

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import OperationalError
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from p2plearn.mongodb.errors import (
    TransactionConflict,
    as_django_errors,
    is_temporary,
    is_uncertain,
)
from p2plearn.mongodb.statements import Write

# The first and the longest wait before a retry, in seconds; it doubles, with random jitter.
SHORTEST_WAIT, LONGEST_WAIT = 0.002, 0.05

Outcome = TypeVar("Outcome")


class Transaction:
    """One transaction; the server starts it with the first statement.

    patience: how many seconds a statement waits for documents that another transaction has locked.
    """

    def __init__(self, session: ClientSession, patience: float) -> None:
        self.session = session
        self._patience = patience
        self._done: list[tuple[Write, Any]] = []
        self._savepoints: dict[str, int] = {}
        # Whether the server's transaction has exactly the writes in _done.
        self._is_whole = False

    def read(self, ask: Callable[[ClientSession], Outcome]) -> Outcome:
        """Call ask with the session, and return its result."""
        return self._try(lambda: ask(self.session))

    def write(self, statement: Write) -> Any:
        """Send the statement and return its result. Raises IntegrityError if a rule refuses it."""
        outcome = self._try(lambda: statement.send(self.session))
        self._done.append((statement, outcome))
        return outcome

    def savepoint(self, name: str) -> None:
        self._savepoints[name] = len(self._done)

    def rollback_to(self, name: str) -> None:
        """Undo what has been written since that savepoint."""
        length = self._savepoints[name]
        if len(self._done) > length:
            del self._done[length:]
            self._is_whole = False

    def release(self, name: str) -> None:
        del self._savepoints[name]

    def commit(self) -> None:
        """Commit on a majority of the servers; does nothing if no statement was sent."""
        if self._done or self._is_whole:
            self._try(self._commit)

    @property
    def has_written(self) -> bool:
        return bool(self._done)

    def rollback(self) -> None:
        self._done.clear()
        self._abort()

    def _commit(self) -> None:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self.session.commit_transaction()
            except PyMongoError as error:
                if not is_uncertain(error) or time.monotonic() > deadline:
                    raise
            else:
                return

    def _try(self, act: Callable[[], Outcome]) -> Outcome:
        """Call act in the transaction. Retries transient errors, then raises OperationalError."""
        deadline = time.monotonic() + self._patience
        wait = SHORTEST_WAIT
        while True:
            try:
                self._make_whole()
                return act()
            except PyMongoError as error:
                # After any error the server has aborted the transaction.
                self._is_whole = False
                if not is_temporary(error):
                    with as_django_errors():
                        raise
                if time.monotonic() > deadline:
                    raise OperationalError(
                        f"Others were in the way for {self._patience} seconds: {error}"
                    ) from error
            time.sleep(wait * random.uniform(0.5, 1))  # noqa: S311  no secret hangs on it
            wait = min(wait * 2, LONGEST_WAIT)

    def _make_whole(self) -> None:
        """Start the server's transaction and repeat the recorded writes, unless it has them."""
        if self._is_whole:
            return
        self._abort()
        self.session.start_transaction(
            read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")
        )
        for statement, outcome in self._done:
            if self._again(statement) != outcome:
                raise TransactionConflict("Another transaction has changed what this one rests on.")
        self._is_whole = True

    def _again(self, statement: Write) -> Any:
        try:
            return statement.send(self.session)
        except OperationFailure as error:
            if is_temporary(error):
                raise
            # Without its cause, which quotes the document.
            raise TransactionConflict("A repeated write was refused.") from None

    def _abort(self) -> None:
        self._is_whole = False
        if self.session.in_transaction:
            self.session.abort_transaction()


def run_in_transaction(transaction: Transaction, statement: Write) -> Any:
    """Run one statement in its own transaction, and return its result."""
    outcome = transaction.write(statement)
    transaction.commit()
    return outcome
