"""Work for which a page waits a moment and no longer; it goes on by itself after that."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from datetime import timedelta

from django.db import connection

logger = logging.getLogger(__name__)

# At most so many wait on a calendar at once; further ones are the worker's.
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="calendar")


def run_bounded(work: Callable[[], object], *, wait: timedelta) -> bool:
    """Do the work in another thread; whether it was done within wait.

    A name look-up or a slow answer can outlast every timeout that a socket has, so the bound is
    on the waiting itself. Work that has not begun by then is given up. A bug in it is logged.
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
        # Nobody may be waiting any more to whom it could be raised.
        logger.exception("work behind a page failed")
        return False
    finally:
        connection.close()
    return True
