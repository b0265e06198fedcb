"""The error responses in the OpenAPI description: each status with its headers and an example."""

from http import HTTPStatus
from typing import Any

from meetings.api.responses import Refusal

EXAMPLES: dict[int, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: ("invalid", "Some of what was sent is not right: scheduledAt."),
    HTTPStatus.UNAUTHORIZED: (
        "not_authenticated",
        "Send a valid access token: Authorization: Bearer …",
    ),
    HTTPStatus.FORBIDDEN: ("not_allowed", "This is not yours to do."),
    HTTPStatus.NOT_FOUND: ("not_found", "There is nothing here."),
    HTTPStatus.CONFLICT: ("wrong_status", "The meeting has changed meanwhile."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too_large", "The body is larger than 65536 bytes."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "unsupported_media_type",
        "Send JSON, and say so: Content-Type: application/json.",
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "key_reused",
        "This Idempotency-Key was sent with another body.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "rate_limited",
        "That was too much at once. Please try again later.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "unavailable",
        "Something that the site needs is not there just now. Please try again in a moment.",
    ),
}
_SECONDS = {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}
HEADERS: dict[int, dict[str, Any]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    HTTPStatus.CONFLICT: {"Retry-After": _SECONDS},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": _SECONDS},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": _SECONDS},
}
# The error statuses of every call with a body, and of every call.
WITH_BODY = (400, 413, 415)
ANY = (401, 429, 503)
# For a session cookie without a CSRF token.
UNSAFE = (403,)


def call(status: int, answer: type[Any], *refused: int) -> dict[str, Any]:
    """The arguments of a route. status: of a success; refused: its error statuses besides ANY."""
    statuses = sorted({*refused, *ANY, 413})
    return {
        "response": {status: answer, **dict.fromkeys(statuses, Refusal)},
        "openapi_extra": {"responses": {each: _described(each) for each in statuses}},
        "by_alias": True,
    }


def _described(status: int) -> dict[str, Any]:
    code, message = EXAMPLES[status]
    example = {"success": False, "code": code, "message": message}
    return {
        "headers": HEADERS.get(status, {}),
        "content": {"application/json": {"example": example}},
    }
