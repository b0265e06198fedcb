"""The format of the log, and the removal of tokens and people's addresses from it."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TOKENS = re.compile(
    r"(/(?:join|unsubscribe|accounts/confirm-email|accounts/password/reset/key)/)[^/\s\"']+"
)
# What PostgreSQL adds to an error: the row or the value.
_ROWS = re.compile(r"\bDETAIL: .*?(?=\n\nThe above|\n\nDuring|\Z)", re.DOTALL)
_ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

# The request or job of this thread's lines: {"request": id} or {"job": id}.
belongs_to: ContextVar[dict[str, str] | None] = ContextVar("belongs_to", default=None)


def without_secrets(text: str) -> str:
    """The text without tokens in URLs, rows that PostgreSQL quotes, and e-mail addresses."""
    return _ADDRESSES.sub("…@…", _ROWS.sub("DETAIL: …", _TOKENS.sub(r"\1…", text)))


class TextLines(logging.Formatter):
    """Plain lines, for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line, traceback included, for log collectors.

    `extra={"fields": {...}}` adds keys to the object.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **(belongs_to.get() or {}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        told = {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in line.items()
        }
        return json.dumps(told, default=str)


def configuration(*, level: str, as_json: bool) -> dict[str, Any]:
    """The dict for logging.config, with records from level upwards."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": JsonLines},
            "text": {
                "()": TextLines,
                "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            },
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "text",
                "stream": _stream(as_json=as_json),
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # huey adds a handler if it has none. At INFO it logs eight lines when it starts.
            "huey": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            # The OAuth libraries log tokens at DEBUG.
            "oauthlib": {"level": "INFO"},
            "requests_oauthlib": {"level": "INFO"},
            # One line for each request and job, which is too much for a terminal.
            "p2plearn.monitoring.request_log": {"level": level if as_json else "WARNING"},
            "p2plearn.monitoring.task_log": {"level": level if as_json else "WARNING"},
        },
    }


def _stream(*, as_json: bool) -> str:
    """stdout for the JSON log of servers, else stderr: the stdout of a command is its result."""
    is_command = Path(sys.argv[0]).name == "manage.py" and sys.argv[1:2] != ["run_huey"]
    return "ext://sys.stdout" if as_json and not is_command else "ext://sys.stderr"
