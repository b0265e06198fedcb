"""Checks requests against the discovery document that comes with the client library."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import googleapiclient

DOCUMENT = "discovery_cache/documents/calendar.v3.json"
STANDARD_PARAMETERS = {"alt", "fields", "prettyPrint", "quotaUser", "key"}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    folder = Path(googleapiclient.__file__).parent
    found: dict[str, Any] = json.loads((folder / DOCUMENT).read_text())
    return found


@dataclass(frozen=True)
class Call:
    """A request that the document describes: operation is e.g. "events.insert"; values come from
    the path and the query."""

    operation: str
    values: dict[str, str]


class UnknownCallError(Exception):
    """Google would not understand the request."""


def recognise(method: str, path: str, query: dict[str, str], body: Any) -> Call:
    """The call for a request; path is relative to the endpoint. Raises UnknownCallError."""
    for resource in ("events", "freebusy"):
        for verb, described in document()["resources"][resource]["methods"].items():
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", described["path"])
            match = re.fullmatch(pattern, path)
            if match and described["httpMethod"] == method:
                _check_query(described, query)
                _check_body(described, body)
                values = {key: unquote(value) for key, value in match.groupdict().items()}
                return Call(f"{resource}.{verb}", {**query, **values})
    raise UnknownCallError(f"{method} {path}")


def _check_query(described: dict[str, Any], query: dict[str, str]) -> None:
    known = described.get("parameters", {})
    for name, value in query.items():
        if name in STANDARD_PARAMETERS:
            continue
        if name not in known or known[name].get("location") != "query":
            raise UnknownCallError(f"query parameter {name}")
        if "enum" in known[name] and value not in known[name]["enum"]:
            raise UnknownCallError(f"{name}={value}")


def _check_body(described: dict[str, Any], body: Any) -> None:
    if "request" not in described:
        if body is not None:
            raise UnknownCallError("a body where none belongs")
        return
    _check_value({"$ref": described["request"]["$ref"]}, body, "body")


def _check_value(schema: dict[str, Any], value: Any, where: str) -> None:
    if "$ref" in schema:
        schema = document()["schemas"][schema["$ref"]]
    kind = schema.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            raise UnknownCallError(f"{where} is no object")
        _check_object(schema, value, where)
    elif kind == "array":
        if not isinstance(value, list):
            raise UnknownCallError(f"{where} is no array")
        for number, item in enumerate(value):
            _check_value(schema["items"], item, f"{where}[{number}]")
    elif kind == "boolean" and not isinstance(value, bool):
        raise UnknownCallError(f"{where} is no boolean")
    elif kind == "integer" and not (isinstance(value, int) and not isinstance(value, bool)):
        raise UnknownCallError(f"{where} is no integer")
    elif kind == "string" and not isinstance(value, str):
        raise UnknownCallError(f"{where} is no string")


def _check_object(schema: dict[str, Any], value: dict[str, Any], where: str) -> None:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, inner in value.items():
        if name in known:
            _check_value(known[name], inner, f"{where}.{name}")
        elif others:
            _check_value(others, inner, f"{where}.{name}")
        else:
            raise UnknownCallError(f"{where}.{name} is unknown")
