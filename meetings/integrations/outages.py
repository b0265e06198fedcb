"""Telling outages of the database, Redis or the disk from bugs."""

import errno
import sqlite3
import sys

from django.db import DatabaseError, InterfaceError, OperationalError

# How long to wait before a retry.
RETRY_AFTER_SECONDS = 30

# SQLite calls a table that does not exist an operational error too, so its code decides
# (https://www.sqlite.org/rescode.html).
_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
_DISK = {errno.EDQUOT, errno.ENOSPC, errno.EROFS}
# From a PostgreSQL that has become a replica (read_only_sql_transaction).
_READ_ONLY = "25006"
# Error codes of Redis if its memory or disk is full, it has become a replica or lost its own, or a
# script blocks it (https://redis.io/docs/latest/develop/reference/protocol-spec/).
_REDIS = {
    *("BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM"),
    *("READONLY", "TRYAGAIN"),
}


def is_transient(error: BaseException | None) -> bool:
    """Whether it is an outage of the database, Redis or the disk, which may pass.

    A full disk, a lock held for too long, a server that is down or refuses the log-in.
    """
    match error:
        case sqlite3.Error():
            return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE
        case OperationalError() | InterfaceError():
            cause = error.__cause__
            return is_transient(cause) if isinstance(cause, sqlite3.Error) else True
        case DatabaseError():
            return getattr(error.__cause__, "sqlstate", None) == _READ_ONLY
        case OSError():
            return error.errno in _DISK
    return _is_redis_away(error)


def _is_redis_away(error: BaseException | None) -> bool:
    """Redis is optional: if its library has not been imported, the error is not from it."""
    redis = sys.modules.get("redis")
    if redis is None:
        return False
    if isinstance(error, redis.ResponseError):
        # For some errors, the library moves the code from the text to status_code.
        code = getattr(error, "status_code", None) or str(error).partition(" ")[0]
        return code in _REDIS
    return isinstance(error, redis.ConnectionError | redis.TimeoutError)
