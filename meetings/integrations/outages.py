"""Trouble of the machines around the site, as against a bug of its own."""

import errno
import sqlite3
import sys

from django.db import DatabaseError, InterfaceError, OperationalError

# When the next try is worth it.
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
# What a PostgreSQL says that has become a replica (read_only_sql_transaction).
_READ_ONLY = "25006"
# What Redis says when its memory or its disk is full, it has become a replica or lost its own, or
# a script holds it up (https://redis.io/docs/latest/develop/reference/protocol-spec/).
_REDIS = {
    *("BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM"),
    *("READONLY", "TRYAGAIN"),
}


def is_transient(error: BaseException | None) -> bool:
    """Whether it comes from a database, Redis or disk that does not do its work now, and may pass.

    A full disk, a lock that somebody holds for long, a server that is away or will not let us in.
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
    """Redis is optional: where nobody has loaded its library, it has raised nothing."""
    redis = sys.modules.get("redis")
    if redis is None:
        return False
    if isinstance(error, redis.ResponseError):
        # The library takes the code from the text of some, and has it beside that.
        code = getattr(error, "status_code", None) or str(error).partition(" ")[0]
        return code in _REDIS
    return isinstance(error, redis.ConnectionError | redis.TimeoutError)
