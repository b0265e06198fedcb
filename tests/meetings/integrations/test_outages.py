import errno
import sqlite3

import psycopg
import pytest
import redis
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection
from redis._parsers.base import BaseParser

from meetings.integrations.outages import is_transient


def wrapped(kind, cause):
    """The error as Django wraps the driver's."""
    error = kind(str(cause))
    error.__cause__ = cause
    return error


def said_by_redis(line):
    return BaseParser.parse_error(line)


@pytest.mark.parametrize(
    "error",
    [
        wrapped(OperationalError, psycopg.OperationalError("connection refused")),
        wrapped(OperationalError, psycopg.errors.LockNotAvailable()),
        wrapped(OperationalError, psycopg.errors.DiskFull()),
        wrapped(InterfaceError, psycopg.InterfaceError("the connection is closed")),
        wrapped(DatabaseError, psycopg.errors.ReadOnlySqlTransaction()),
        OSError(errno.ENOSPC, "No space left on device"),
        redis.ConnectionError("Connection refused"),
        redis.TimeoutError("Timeout reading from socket"),
        said_by_redis("MISCONF Redis is configured to save RDB snapshots, but cannot"),
        said_by_redis("OOM command not allowed when used memory > 'maxmemory'."),
        said_by_redis("READONLY You can't write against a read only replica."),
        said_by_redis("NOREPLICAS Not enough good replicas to write."),
        said_by_redis("MASTERDOWN Link with MASTER is down"),
    ],
    ids=repr,
)
def test_what_others_cannot_do_now_passes(error):
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        None,
        ValueError("a bug"),
        wrapped(IntegrityError, psycopg.errors.UniqueViolation()),
        wrapped(DatabaseError, psycopg.errors.InFailedSqlTransaction()),
        FileNotFoundError(errno.ENOENT, "No such file"),
        said_by_redis("ERR unknown command"),
    ],
    ids=repr,
)
def test_a_bug_does_not(error):
    assert not is_transient(error)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="what SQLite calls operational")
def test_a_table_that_is_not_there_is_a_bug_on_sqlite_too():
    with pytest.raises(OperationalError) as raised, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM no_such_table")

    assert not is_transient(raised.value)


def test_a_locked_file_passes(tmp_path):
    file = tmp_path / "db"
    one, other = (sqlite3.connect(file, timeout=0, isolation_level=None) for _each in range(2))
    one.execute("BEGIN EXCLUSIVE")

    with pytest.raises(sqlite3.OperationalError) as raised:
        other.execute("BEGIN EXCLUSIVE")

    assert is_transient(raised.value)
    assert is_transient(wrapped(OperationalError, raised.value))
    one.close()
    other.close()
