"""Work for which a page waits a moment and no longer; it goes on by itself after that."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from datetime import timedelta

from django.db import connection

# At most so many wait on a calendar at once; further ones are the worker's.
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="calendar")


def attempt(work: Callable[[], object], *, wait: timedelta) -> bool:
    """Do the work in another thread; whether it was done within wait.

    A name look-up or a slow answer can outlast every timeout that a socket has, so the bound is
    on the waiting itself. What the work raises is raised here, if anybody still waits.
    """
    future = _pool.submit(_with_own_connection, work)
    try:
        future.result(timeout=wait.total_seconds())
    except StillRunning:
        return False
    return True


def _with_own_connection(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()
