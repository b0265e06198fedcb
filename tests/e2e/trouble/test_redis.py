"""Redis for rate limits and the queue: shared by all processes, and down for a while."""

from collections import Counter
from functools import partial

import pytest
from django.utils import timezone

from meetings.models import Meeting
from tests.e2e.races.visitors import at_once
from tests.e2e.servers.redis import RedisServer, skip_without_redis
from tests.e2e.trouble.answers import assert_booked, assert_unavailable
from tests.e2e.trouble.site import site_on

pytestmark = pytest.mark.race

BOOKINGS = 5
PRESSES = 30


@pytest.fixture
def redis(django_db_setup, django_db_blocker):
    skip_without_redis()
    with RedisServer() as server, django_db_blocker.unblock():
        yield server


def with_redis(server):
    return {"CACHE_URL": server.url_of(0), "JOBS_URL": server.url_of(1)}


@pytest.mark.parametrize("cache", ["redis", "database"])
def test_a_limit_holds_across_processes(cache, redis, tmp_path):
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    more = with_redis(redis) if cache == "redis" else {"DATABASE_TIMEOUT": "20"}
    with site_on(url, tmp_path / "jobs", RATE_BOOK=f"{BOOKINGS}/m/user", **more) as site:
        press = partial(site.book_on_page, site.visitors[0], site.times(day=2)[0])

        answers = at_once([press] * PRESSES)

        # All want the same time: those within the limit are booked, or refused because the time
        # is taken.
        counted = Counter(answer.status for answer in answers)
        assert counted == {303: 1, 409: BOOKINGS - 1, 429: PRESSES - BOOKINGS}


def test_without_redis_what_is_limited_waits_and_the_rest_works(redis, tmp_path):
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    with site_on(url, tmp_path / "jobs", **with_redis(redis)) as site:
        redis.stop()
        refused = site.book_at_once(day=2)
        pages = [site.visitors[0].get(path) for path in ("/", "/mentors/", "/dashboard/")]
        left = Meeting.objects.count()
        redis.start()
        done = site.book_at_once(day=2)

        assert_unavailable(refused)
        assert ([page.status for page in pages], left) == ([200] * 3, 0)
        assert_booked(done)


def test_a_booking_needs_no_queue(redis, tmp_path):
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    with site_on(url, tmp_path / "jobs", JOBS_URL=redis.url_of(1)) as site:
        redis.stop()
        began = timezone.now()

        done = site.book_at_once(day=2)

        assert (timezone.now() - began).total_seconds() < 10
        assert_booked(done)
