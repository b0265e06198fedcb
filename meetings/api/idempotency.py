"""The Idempotency-Key header: a repeated request gets the first response again."""

import hashlib
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Header
from pydantic import BaseModel, Field
from pydantic.json_schema import WithJsonSchema

from accounts.models import User
from meetings.api.errors import ApiError
from meetings.api.limits import Limited
from meetings.domain.errors import BookingError
from meetings.models import RequestKey
from meetings.models.request_key import KeyInUse, KeyReused

PATTERN = "^[!-~]+$"

Key = Annotated[
    str,
    Field(min_length=1, max_length=255, pattern=PATTERN),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 255, "pattern": PATTERN}),
    Header(
        default=None,
        alias="Idempotency-Key",
        description="Any text of yours; the same one with the same body books once in 24 hours.",
    ),
]


def once(
    person: User, key: str | None, body: BaseModel, do: Callable[[uuid.UUID | None], str]
) -> str:
    """Return the response of do(), or the stored one if key and body were sent before.

    Errors are not stored. do() gets an id that is the same for each request with the key, None
    without a key. Raises ApiError, and whatever do() raises.
    """
    if key is None:
        return do(None)
    try:
        claim = RequestKey.objects.obtain(person, key, _fingerprint(body), now=timezone.now())
    except KeyInUse as error:
        raise ApiError(
            HTTPStatus.CONFLICT,
            "key_in_use",
            _("The first request with this Idempotency-Key is still running."),
            retry_after=error.retry_after,
        ) from error
    except KeyReused as error:
        raise ApiError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "key_reused",
            _("This Idempotency-Key was sent with another body."),
        ) from error
    if claim.answer:
        return claim.answer
    try:
        answer = do(claim.pk)
    except (BookingError, Limited):
        claim.give_back()
        raise
    return claim.remember(answer)


def _fingerprint(body: BaseModel) -> str:
    """A hash of the parsed body, so that bodies with the same values have the same."""
    return hashlib.sha256(body.model_dump_json().encode()).hexdigest()
