"""The engine that DATABASES names: `p2plearn.mongodb`."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import debug_transaction
from django_mongodb_backend import base
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from p2plearn.mongodb.collection import TransactionalCollection
from p2plearn.mongodb.errors import TransactionConflict, as_django_errors
from p2plearn.mongodb.features import DatabaseFeatures
from p2plearn.mongodb.operations import DatabaseOperations
from p2plearn.mongodb.schema import DatabaseSchemaEditor
from p2plearn.mongodb.statements import Document
from p2plearn.mongodb.transactions import Transaction

# Defaults; the URL may override them.
OPTIONS = {
    "appname": "p2plearn",
    "retryWrites": True,
    "serverSelectionTimeoutMS": 5_000,
    "w": "majority",
}


class DatabaseWrapper(base.DatabaseWrapper):
    """django-mongodb-backend's connection, with Django's own transactions.

    All threads of a process share one MongoClient, which is a connection pool. Each thread has its
    own transaction.
    """

    mongo_operators: ClassVar[dict[str, Any]] = {
        **base.DatabaseWrapper.mongo_operators,
        # "$" also matches before a final line break, "\z" only at the end. Values are escaped.
        "iexact": lambda field, value: _pattern(field, rf"^{value}\z", is_folded=True),
        "endswith": lambda field, value: _pattern(field, rf"{value}\z"),
        "iendswith": lambda field, value: _pattern(field, rf"{value}\z", is_folded=True),
    }
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor

    # One for each process and each set of parameters.
    _clients: ClassVar[dict[Any, MongoClient[Document]]] = {}
    _clients_lock = threading.Lock()

    transaction: Transaction | None = None
    # The session for reads outside of transactions, while snapshot() is active.
    reading: ClientSession | None = None
    # The number of committed writes, and of transactions that lost a conflict.
    commits = 0
    conflicts = 0

    def get_connection_params(self) -> dict[str, Any]:
        asked = self.settings_dict["HOST"].lower()
        ours = {name: value for name, value in OPTIONS.items() if f"{name.lower()}=" not in asked}
        return {**ours, **super().get_connection_params()}

    def get_new_connection(self, conn_params: dict[str, Any]) -> MongoClient[Document]:
        # A client does not survive a fork.
        key = (os.getpid(), tuple(sorted(conn_params.items())))
        with self._clients_lock:
            client = self._clients.get(key)
            if client is None:
                try:
                    with as_django_errors():
                        client = MongoClient(**conn_params, driver=self._driver_info())
                        _require_replica_set(client)
                except ValueError as error:
                    raise ImproperlyConfigured(f"DATABASE_URL: {error}") from error
                self._clients[key] = client
        return client

    def init_connection_state(self) -> None:
        with as_django_errors():
            super().init_connection_state()

    def get_collection(self, name: str, **kwargs: Any) -> TransactionalCollection:
        self.validate_thread_sharing()
        self.ensure_connection()
        return TransactionalCollection(self, self.database.get_collection(name, **kwargs))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Inside the block, read the database as it is now, whatever others write meanwhile.

        The server keeps a snapshot for `minSnapshotHistoryWindowInSeconds`, by default five
        minutes. After that a read raises OperationalError.
        """
        self.ensure_connection()
        with self.connection.start_session(snapshot=True) as session:
            with as_django_errors():
                # The first read fixes the time of the snapshot.
                self.database["django_migrations"].find_one(session=session)
            self.reading = session
            try:
                yield
            finally:
                self.reading = None

    @contextmanager
    def counting_conflicts(self) -> Iterator[None]:
        try:
            yield
        except TransactionConflict:
            self.conflicts += 1
            raise

    def is_usable(self) -> bool:
        try:
            self.connection.admin.command("ping")
        except PyMongoError:
            return False
        return True

    def close_pool(self) -> None:
        """Also forget the cached database, since tests use another one."""
        self.close()
        self.__dict__.pop("database", None)

    # Django's own methods, which django-mongodb-backend overrides.
    close = BaseDatabaseWrapper.close
    on_commit = BaseDatabaseWrapper.on_commit
    set_autocommit = BaseDatabaseWrapper.set_autocommit

    def _set_autocommit(self, autocommit: bool) -> None:
        self._end()
        if not autocommit:
            self.session = self.connection.start_session()
            self.transaction = Transaction(self.session, self.settings_dict["SECONDS_TO_WAIT"])

    def _commit(self) -> None:
        if self.transaction is not None:
            with debug_transaction(self, "COMMIT"), self.counting_conflicts():
                self.transaction.commit()
            self.commits += self.transaction.has_written

    def _rollback(self) -> None:
        if self.transaction is not None:
            with debug_transaction(self, "ROLLBACK"), as_django_errors():
                self.transaction.rollback()

    def _savepoint(self, sid: str) -> None:
        assert self.transaction is not None
        with debug_transaction(self, f"SAVEPOINT {sid}"):
            self.transaction.savepoint(sid)

    def _savepoint_rollback(self, sid: str) -> None:
        assert self.transaction is not None
        with debug_transaction(self, f"ROLLBACK TO SAVEPOINT {sid}"):
            self.transaction.rollback_to(sid)

    def _savepoint_commit(self, sid: str) -> None:
        assert self.transaction is not None
        with debug_transaction(self, f"RELEASE SAVEPOINT {sid}"):
            self.transaction.release(sid)

    def _close(self) -> None:
        self._end()

    def _end(self) -> None:
        """End the transaction; uncommitted writes are lost."""
        if self.session is not None:
            self.session.end_session()
        self.session = self.transaction = None


def _pattern(field: str, pattern: str, *, is_folded: bool = False) -> dict[str, Any]:
    return {field: {"$regex": pattern, "$options": "i" if is_folded else ""}}


def _require_replica_set(client: MongoClient[Document]) -> None:
    hello = client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        client.close()
        raise ImproperlyConfigured(
            "DATABASE_URL names a standalone MongoDB server, which has no transactions: nobody's "
            "time would be safe. Make it a replica set, of one server at least: start mongod with "
            "--replSet rs0, run rs.initiate() once, and add ?replicaSet=rs0 to the URL."
        )
