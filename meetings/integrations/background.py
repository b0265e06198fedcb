"""Work in a thread: a page waits for it for a limited time, and then the thread continues."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from datetime import timedelta

from django.db import connection

logger = logging.getLogger(__name__)

# The number of threads that can wait for calendars; further work is left to the worker.
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="calendar")


def run_bounded(work: Callable[[], object], *, wait: timedelta) -> bool:
    """Run the work in another thread; returns whether it succeeded within wait.

    A DNS look-up or a slow response can outlast every socket timeout, so the wait itself is
    bounded. Work that has not started by then is cancelled. Its exceptions are logged.
    """
    future = _pool.submit(_with_own_connection, work)
    try:
        return future.result(timeout=wait.total_seconds())
    except StillRunning:
        future.cancel()
        return False


def _with_own_connection(work: Callable[[], object]) -> bool:
    try:
        work()
    except Exception:
        # The page may have stopped waiting, so nobody would catch it.
        logger.exception("work behind a page failed")
        return False
    finally:
        connection.close()
    return True
