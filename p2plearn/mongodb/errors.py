"""MongoDB's errors as Django's, and which of them pass by themselves."""

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
    DUPLICATE_KEY: "A document has what only one may have.",
}
# Not the statement's fault.
PASSING = {
    *(6, 7, 89, 9001),  # a host or the network: HostUnreachable, HostNotFound, NetworkTimeout, …
    *(13, 18),  # other rights than needed: Unauthorized, AuthenticationFailed
    *(50, 64, 100, 133, 134, 262),  # not in time, or not by so many: MaxTimeMSExpired, …
    *(91, 189, 10107, 11600, 11602, 13435, 13436),  # a server or primary that goes: NotPrimary, …
    14031,  # OutOfDiskSpace
}

SNAPSHOT_TOO_OLD = 239


class TransactionConflict(OperationalError):
    """Another transaction was quicker, and what this one had done does not hold any more.

    Nothing of it has been stored; doing all of it again, from what is stored now, is safe.
    """


@contextmanager
def as_django_errors() -> Iterator[None]:
    """Inside, what goes wrong at MongoDB is one of Django's errors, or ImproperlyConfigured."""
    try:
        yield
    except (BulkWriteError, OperationFailure) as error:
        # Not with its cause, which quotes the document.
        raise _refusal(error) from None
    except (InvalidURI, ConfigurationError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL: {error}") from error
    except ConnectionFailure as error:
        raise OperationalError(str(error)) from error
    except PyMongoError as error:
        raise DatabaseError(str(error)) from error
    except BSONError as error:
        raise DataError(str(error)) from error


def is_passing(error: PyMongoError) -> bool:
    """Whether the whole transaction may be tried again, by the server's own word."""
    return error.has_error_label("TransientTransactionError")


def is_uncertain(error: PyMongoError) -> bool:
    """Whether a commit may have been carried out or not; then it can be asked for again."""
    return error.has_error_label("UnknownTransactionCommitResult")


def _refusal(error: OperationFailure) -> DatabaseError:
    """Without the documents that MongoDB quotes: what people have written is not for the log."""
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
    return OperationalError(text) if is_passing(error) or code in PASSING else DatabaseError(text)
