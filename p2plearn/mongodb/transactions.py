"""A transaction as Django means it, on what MongoDB has.

MongoDB ends a transaction at the first thing that goes wrong in it: a refused row, or a document
that another transaction is changing; and it knows no savepoints. So each of its transactions is
written down here, statement by statement. When MongoDB has ended it and the site goes on, or goes
back to a savepoint, a new one is begun and what had been written before is written again. That
holds only if each statement comes out as it did the first time: then nobody has come in between.
If one does not, TransactionConflict is raised and nothing is stored.

What this amounts to is what PostgreSQL gives by default (READ COMMITTED): a statement that meets
a document in use waits for it, and then sees it as the other has left it.
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
    is_passing,
    is_uncertain,
)
from p2plearn.mongodb.statements import Write

# The first wait, and the longest; each is a random part of twice the one before.
SHORTEST_WAIT, LONGEST_WAIT = 0.002, 0.05

Outcome = TypeVar("Outcome")


class Transaction:
    """One from `BEGIN` to commit() or rollback(). It is begun on the server with its first
    statement.

    patience: how many seconds a statement waits for what another transaction holds.
    """

    def __init__(self, session: ClientSession, patience: float) -> None:
        self.session = session
        self._patience = patience
        self._done: list[tuple[Write, Any]] = []
        self._savepoints: dict[str, int] = {}
        # Whether the server's transaction holds exactly what is in _done.
        self._is_whole = False

    def read(self, ask: Callable[[ClientSession], Outcome]) -> Outcome:
        """What ask, given the session, returns."""
        return self._try(lambda: ask(self.session))

    def write(self, statement: Write) -> Any:
        """Its outcome. Raises IntegrityError if a rule of the database refuses it."""
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
        """Store all of it, on a majority of the servers. Does nothing if nothing was asked."""
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
        """Do it within the transaction; again, after a while, as long as others are in the way."""
        deadline = time.monotonic() + self._patience
        wait = SHORTEST_WAIT
        while True:
            try:
                self._make_whole()
                return act()
            except PyMongoError as error:
                # Whatever it was, the server has ended the transaction.
                self._is_whole = False
                if not is_passing(error):
                    with as_django_errors():
                        raise
                if time.monotonic() > deadline:
                    raise OperationalError(
                        f"Others were in the way for {self._patience} seconds: {error}"
                    ) from error
            time.sleep(wait * random.uniform(0.5, 1))  # noqa: S311  no secret hangs on it
            wait = min(wait * 2, LONGEST_WAIT)

    def _make_whole(self) -> None:
        """Begin, and write again what had been written in a transaction that the server ended."""
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
            if is_passing(error):
                raise
            # Not with its cause, which quotes the document.
            raise TransactionConflict("Another transaction has taken a place.") from None

    def _abort(self) -> None:
        self._is_whole = False
        if self.session.in_transaction:
            self.session.abort_transaction()


def in_one(transaction: Transaction, statement: Write) -> Any:
    """The outcome of a statement that has a transaction of its own: all of it, or nothing."""
    outcome = transaction.write(statement)
    transaction.commit()
    return outcome
