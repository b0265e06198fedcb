import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from p2plearn.mongodb.cache import CollectionCache

pytestmark = pytest.mark.django_db

START = timezone.now().replace(microsecond=0)


@pytest.fixture
def cache():
    cache = CollectionCache("tests_cache", {})
    cache.clear()
    return cache


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def test_what_is_set_is_there_until_it_runs_out(cache, clock):
    cache.set("key", [1.5, "two", None], timeout=60)
    cache.set("always", {"a": (1, 2)}, timeout=None)

    clock.shift(59)
    in_time = cache.get("key")
    clock.shift(1)
    too_late = cache.get("key", "gone")

    assert (in_time, too_late) == ([1.5, "two", None], "gone")
    assert cache.get("always") == {"a": (1, 2)}


def test_of_two_who_add_the_first_wins_until_it_has_run_out(cache, clock):
    outcomes = [cache.add("lock", name, timeout=10) for name in ("one", "two")]
    kept = cache.get("lock")
    clock.shift(10)
    outcomes.append(cache.add("lock", "three", timeout=10))

    assert outcomes == [True, False, True]
    assert (kept, cache.get("lock")) == ("one", "three")


def test_touching_and_deleting_say_whether_there_was_something(cache, clock):
    cache.set("key", 1, timeout=10)

    touched = [cache.touch("key", timeout=100), cache.touch("other")]
    clock.shift(50)
    there = cache.get("key")
    deleted = [cache.delete("key"), cache.delete("key")]

    assert (touched, there, deleted) == ([True, False], 1, [True, False])


def test_what_a_request_has_used_up_stays_used_up_when_it_fails(cache):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        cache.set("tries", 1)
        raise ZeroDivisionError

    assert cache.get("tries") == 1


def test_it_counts(cache):
    cache.set("number", 1)

    assert [cache.incr("number"), cache.decr("number", 2), cache.has_key("number")] == [2, 0, True]
