"""MongoDB's errors are translated into Django's."""

import logging
from io import StringIO
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError
from pymongo.errors import BulkWriteError, ExecutionTimeout, OperationFailure, WriteConcernError

from meetings.integrations.outages import is_transient
from p2plearn.mongodb.errors import as_django_errors
from p2plearn.monitoring.logs import JsonLines
from tests.factories import UserFactory

NO_MAJORITY = {"code": 64, "errmsg": "waiting for replication timed out"}


@pytest.mark.parametrize(
    "error",
    [
        BulkWriteError({"writeErrors": [], "writeConcernErrors": [NO_MAJORITY]}),
        WriteConcernError("stepped down", 189, {"code": 189, "errmsg": "stepped down"}),
        OperationFailure("shutting down", 11600, {"code": 11600, "errmsg": "shutting down"}),
        OperationFailure("no primary", 133, {"code": 133, "errmsg": "no primary"}),
        ExecutionTimeout("too slow", 50, {"code": 50, "errmsg": "too slow"}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_server_that_cannot_now_is_outside(error):
    with pytest.raises(OperationalError) as raised, as_django_errors():
        raise error

    assert is_transient(raised.value)


def test_what_is_wrong_with_a_statement_is_not():
    with pytest.raises(DatabaseError) as raised, as_django_errors():
        raise OperationFailure("unknown operator", 2, {"code": 2, "errmsg": "unknown operator"})

    assert not is_transient(raised.value)


@pytest.mark.django_db
def test_a_refused_document_is_not_told_to_the_log():
    UserFactory(email="ada@example.com")
    # The traceback quotes source lines, those of this test included.
    name, told = str(uuid4()), StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("refusals")
    logger.addHandler(handler)

    try:
        UserFactory(email="ada@example.com", name=name)
    except IntegrityError:
        logger.exception("refused")

    assert "refused" in told.getvalue()
    assert name not in told.getvalue()
