"""JSON, strictly: what two programs could read in two ways is refused."""

import json
from http import HTTPStatus
from math import isfinite
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from meetings.api.errors import ApiError


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        """What the body says. Raises ApiError."""
        if request.content_type != "application/json":
            raise ApiError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                _("Send JSON, and say so: Content-Type: application/json."),
            )
        try:
            return parse(request.body)
        except (ValueError, RecursionError) as error:
            raise ApiError(
                HTTPStatus.BAD_REQUEST, "malformed", _("The body is not valid JSON.")
            ) from error


def parse(body: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises ValueError, or RecursionError if it is nested too deep, for what is no JSON and for
    NaN, numbers too big to be one, half a surrogate pair, and names that occur twice.
    """
    value = json.loads(
        body.decode("utf-8"),
        object_pairs_hook=_object,
        parse_float=_number,
        parse_constant=_refuse,
    )
    # Only text that UTF-8 can hold is text.
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
