"""A strict JSON parser, which refuses what two programs could read differently."""

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
        """The value of the body. Raises ApiError unless it is valid and declared as JSON."""
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

    Raises ValueError for invalid JSON, NaN, numbers out of range, half a surrogate pair, and
    names that occur twice; RecursionError if it is nested too deep.
    """
    value = json.loads(
        body.decode("utf-8"),
        object_pairs_hook=_object,
        parse_float=_number,
        parse_constant=_refuse,
    )
    # Raises a ValueError for half a surrogate pair, which UTF-8 cannot encode.
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
