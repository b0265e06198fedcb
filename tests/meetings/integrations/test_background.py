"""A page waits for background work for a moment, and no longer."""

import logging
from datetime import timedelta
from threading import Event

import pytest

from meetings.integrations.background import run_bounded

MOMENT = timedelta(milliseconds=50)
LONG = timedelta(seconds=10)


@pytest.fixture
def gate():
    opened = Event()
    yield opened
    opened.set()


def test_what_is_done_in_time_is_waited_for():
    done = []

    assert run_bounded(lambda: done.append(1), wait=LONG)

    assert done == [1]


def test_what_hangs_is_left_behind_and_ends_by_itself(gate):
    begun, ended = Event(), Event()

    def work():
        begun.set()
        gate.wait()
        ended.set()

    # On a slow machine the thread may not have started by then, and the work is dropped.
    while not begun.is_set():
        assert not run_bounded(work, wait=MOMENT)

    assert not ended.is_set()
    gate.set()
    assert ended.wait(10)


def test_what_has_not_begun_in_time_is_given_up(gate):
    """All threads of the pool hang."""
    hanging, begun = [], []

    def hang():
        hanging.append(1)
        gate.wait()

    while len(hanging) < 8:
        run_bounded(hang, wait=MOMENT)

    assert not run_bounded(lambda: begun.append(1), wait=MOMENT)

    gate.set()
    while not run_bounded(lambda: None, wait=LONG):
        pass
    assert begun == []


def test_a_bug_is_logged_and_raised_to_nobody(caplog):
    def work():
        raise RuntimeError("a bug")

    assert not run_bounded(work, wait=LONG)

    assert [(each.levelno, each.getMessage()) for each in caplog.records] == [
        (logging.ERROR, "work behind a page failed")
    ]
