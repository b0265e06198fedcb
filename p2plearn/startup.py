"""Start Django, or end with one clear line about what is in the way."""

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
# By which a process of gunicorn tells its parent that there is no point in starting another
# (gunicorn.arbiter.Arbiter.APP_LOAD_ERROR).
GUNICORN_STATUS = 4
# Set by deploy/gunicorn.conf.py in a process that takes the place of one that has ended: giving up
# would stop those beside it, which answer for a database that is away as they should.
REPLACES = "REPLACES_A_WEB_PROCESS"


@contextmanager
def explained(status: int = EXIT_STATUS) -> Iterator[None]:
    """Inside, wrong settings and a database that is out of reach end the process with status.

    What goes wrong once the database has been reached is a bug, and keeps its traceback.
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
        # Of what a driver says, the reason comes first.
        reason = " ".join(str(error).partition("(configured timeouts")[0].split())
        _end(f"The database that DATABASE_URL names cannot be reached. {reason}", status)
    finally:
        connection_created.disconnect(remember)


def reach_database() -> None:
    """Fail now rather than at the first request."""
    connection.ensure_connection()
    connection.close()


def command_line(arguments: Sequence[str]) -> None:
    """What manage.py does. The worker needs the database before its first job."""
    with explained():
        if arguments[1:2] == ["run_huey"]:
            django.setup()
            reach_database()
        execute_from_command_line([*arguments])


def _end(text: str, status: int) -> None:
    sys.stderr.write(f"{text}\n")
    sys.exit(status)
