"""Start Django, or exit with one line that says what is wrong."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created

from p2plearn.env import VAR_DIR

EXIT_STATUS = 1
# With this status a worker of gunicorn tells its parent not to start another one
# (gunicorn.arbiter.Arbiter.APP_LOAD_ERROR).
GUNICORN_STATUS = 4
# Set by deploy/gunicorn.conf.py in a process that replaces another. It must not exit when the
# database is down: that would stop the other processes, which answer with 503.
REPLACES = "REPLACES_A_WEB_PROCESS"


@contextmanager
def explained(status: int = EXIT_STATUS) -> Iterator[None]:
    """Inside the block, wrong settings or an unreachable database end the process with status.

    A DatabaseError after the first connection is a bug, and keeps its traceback.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "p2plearn.settings")
    VAR_DIR.mkdir(exist_ok=True)
    reached: list[Any] = []

    def remember(connection: Any, **_signal: Any) -> None:
        reached.append(connection)

    connection_created.connect(remember)
    try:
        yield
    except ImproperlyConfigured as error:
        _end(f"The settings are not right. {error}", status)
    except DatabaseError as error:
        if reached:
            raise
        # The driver's message begins with the reason.
        reason = " ".join(str(error).partition("(configured timeouts")[0].split())
        _end(f"The database that DATABASE_URL names cannot be reached. {reason}", status)
    finally:
        connection_created.disconnect(remember)


def reach_database() -> None:
    """Connect once, to fail now rather than at the first request."""
    connection.ensure_connection()
    connection.close()


def command_line(arguments: Sequence[str]) -> None:
    """Run manage.py. The worker first makes sure that it can reach the database."""
    with explained():
        if arguments[1:2] == ["run_huey"]:
            django.setup()
            reach_database()
        execute_from_command_line([*arguments])


def _end(text: str, status: int) -> None:
    sys.stderr.write(f"{text}\n")
    sys.exit(status)
