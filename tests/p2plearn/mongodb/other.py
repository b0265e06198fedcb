"""A second connection to the same database at the same time, in another thread."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def elsewhere(act):
    """Run act() in another thread, and return its result."""

    def run():
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(run).result(timeout=30)


class Holder:
    """A thread that keeps a transaction open until the block ends.

    with Holder(act):
        …            # act() has been called, within its transaction
    """

    def __init__(self, act, transaction):
        self._act, self._transaction = act, transaction
        self._has_it, self._may_go = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)

    def let_go(self):
        self._may_go.set()

    def __enter__(self):
        self._thread.start()
        assert self._has_it.wait(20)
        return self

    def __exit__(self, *_error):
        self.let_go()
        self._thread.join(timeout=20)

    def _run(self):
        try:
            with self._transaction.atomic():
                self._act()
                self._has_it.set()
                assert self._may_go.wait(20)
        finally:
            connection.close()
