"""What the log tells, and what it must not: tokens and people's addresses."""

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
# What PostgreSQL adds to a refusal: the row, or the value.
_ROWS = re.compile(r"\bDETAIL: .*?(?=\n\nThe above|\n\nDuring|\Z)", re.DOTALL)
_ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

# What the lines of this thread belong to: {"request": id} or {"job": id}.
belongs_to: ContextVar[dict[str, str] | None] = ContextVar("belongs_to", default=None)


def without_secrets(text: str) -> str:
    """The text without the tokens in addresses of the site, what a database quotes, and people's
    addresses."""
    return _ADDRESSES.sub("…@…", _ROWS.sub("DETAIL: …", _TOKENS.sub(r"\1…", text)))


class TextLines(logging.Formatter):
    """For people who watch a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """An object a line, tracebacks included, for programs that collect logs.

    What a record has in `fields` stands beside its message: `extra={"fields": {...}}`.
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
    """For logging.config: a line an event, from level upwards."""
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
            # With a handler of its own it adds none, so each line comes once; it greets with eight.
            "huey": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            # Those of OAuth write tokens into their debug lines.
            "oauthlib": {"level": "INFO"},
            "requests_oauthlib": {"level": "INFO"},
            # A line a request and a job: who watches a terminal has the browser beside it.
            "p2plearn.monitoring.request_log": {"level": level if as_json else "WARNING"},
            "p2plearn.monitoring.task_log": {"level": level if as_json else "WARNING"},
        },
    }


def _stream(*, as_json: bool) -> str:
    """Standard output is where servers are read from, but what a command prints there is its
    answer, which nothing may be mixed into."""
    is_command = Path(sys.argv[0]).name == "manage.py" and sys.argv[1:2] != ["run_huey"]
    return "ext://sys.stdout" if as_json and not is_command else "ext://sys.stderr"
