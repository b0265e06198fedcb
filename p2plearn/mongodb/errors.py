"""MongoDB's errors as Django's, and which of them are transient."""

from collections.abc import Iterator
from contextlib import contextmanager

from bson.errors import BSONError
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, DataError, IntegrityError, OperationalError
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    InvalidURI,
    OperationFailure,
    PyMongoError,
)

# https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
DOCUMENT_VALIDATION_FAILURE = 121
DUPLICATE_KEY = 11000
REFUSED_BY_A_RULE = {
    DOCUMENT_VALIDATION_FAILURE: "A document does not keep to a rule of its collection.",
    DUPLICATE_KEY: "A document breaks a unique index.",
}
# Transient, and not caused by the statement.
PASSING = {
    *(6, 7, 89, 9001),  # a host or the network: HostUnreachable, HostNotFound, NetworkTimeout, …
    *(13, 18),  # missing rights: Unauthorized, AuthenticationFailed
    *(50, 64, 100, 133, 134, 262),  # timeouts and concerns not met: MaxTimeMSExpired, …
    *(91, 189, 10107, 11600, 11602, 13435, 13436),  # a server stops or steps down: NotPrimary, …
    14031,  # OutOfDiskSpace
}

SNAPSHOT_TOO_OLD = 239


class TransactionConflict(OperationalError):
    """Another transaction has changed what the writes of this one depend on.

    Nothing has been stored; it is safe to repeat the whole transaction, reads included.
    """


@contextmanager
def as_django_errors() -> Iterator[None]:
    """Inside the block, MongoDB's errors are raised as Django's or ImproperlyConfigured."""
    try:
        yield
    except (BulkWriteError, OperationFailure) as error:
        # Without its cause, which quotes the document.
        raise _refusal(error) from None
    except (InvalidURI, ConfigurationError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL: {error}") from error
    except ConnectionFailure as error:
        raise OperationalError(str(error)) from error
    except PyMongoError as error:
        raise DatabaseError(str(error)) from error
    except BSONError as error:
        raise DataError(str(error)) from error


def is_temporary(error: PyMongoError) -> bool:
    """Whether the server says that the whole transaction may be retried."""
    return error.has_error_label("TransientTransactionError")


def is_uncertain(error: PyMongoError) -> bool:
    """Whether the outcome of a commit is unknown; the commit can then be retried."""
    return error.has_error_label("UnknownTransactionCommitResult")


def _refusal(error: OperationFailure) -> DatabaseError:
    """Django's error, without the documents that MongoDB quotes, which must not be logged."""
    found = [error.details or {}]
    if isinstance(error, BulkWriteError):
        each = error.details
        found = each.get("writeErrors") or each.get("writeConcernErrors") or found
    code = found[0].get("code", error.code)
    if code in REFUSED_BY_A_RULE:
        return IntegrityError(REFUSED_BY_A_RULE[code])
    if code == SNAPSHOT_TOO_OLD:
        return OperationalError(
            "MongoDB did not keep the moment that is being read for long enough: set its parameter "
            "minSnapshotHistoryWindowInSeconds to more seconds than the reading takes."
        )
    text = f"MongoDB's error {code}: {found[0].get('errmsg', '')}"
    return OperationalError(text) if is_temporary(error) or code in PASSING else DatabaseError(text)
