"""Metrics of the real site with several processes, as Prometheus would read them."""

import http.client
import os
import re
import shutil
import signal
import sys
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from meetings.models import Heartbeat
from tests.e2e.races.database import sqlite
from tests.e2e.races.visitors import at_once
from tests.e2e.trouble.site import site_on

TOKEN = "a-token-of-thirty-two-characters"
FOLDERS, COUNTS = Path("/dev/shm"), "p2plearn-metrics-*"
EMAIL_OR_NAME = re.compile(r"@|mentor-|Loops")

pytestmark = [
    pytest.mark.race,
    # The fixture deletes all metrics files that appear during a run, so no two may run in parallel.
    pytest.mark.xdist_group("metrics"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks where Linux keeps such files"),
]


def ask(base_url, token=TOKEN):
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=30)
    try:
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def figures(base_url):
    """`{"name{labels}": value}` of all metrics."""
    status, text = ask(base_url)
    assert status == 200
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup, django_db_blocker):
    """One site for all tests, which therefore compare counts; its files are deleted at the end."""
    folder, there = tmp_path_factory.mktemp("metrics"), set(FOLDERS.glob(COUNTS))
    with (
        sqlite(folder) as url,
        django_db_blocker.unblock(),
        site_on(
            url,
            folder / "jobs",
            METRICS_TOKEN=TOKEN,
            DATABASE_TIMEOUT="20",
            # A calendar that stores events, so that these are behind until the worker runs.
            CALENDAR_BACKEND="tests.meetings.fake_calendars.FakeCalendar",
        ) as site,
    ):
        yield site
    for counts in set(FOLDERS.glob(COUNTS)) - there:
        shutil.rmtree(counts)


def change(before, after, name):
    return after.get(name, 0) - before.get(name, 0)


def test_all_processes_are_counted_together(site):
    Heartbeat.objects.beat(timezone.now())
    before = figures(site.base_url)

    booked = site.book_at_once(day=2)
    refused = site.book_at_once(day=2)
    looks = at_once([partial(visitor.get, "/mentors/") for visitor in site.visitors * 10])
    after = figures(site.base_url)

    assert [each.status for each in booked + refused] == [303] * 3 + [201] * 3 + [409] * 6
    assert [each.status for each in looks] == [200] * 30
    request = 'p2plearn_requests_total{{method="{}",status="{}",view="{}"}}'.format
    assert {
        name: change(before, after, name)
        for name in (
            "p2plearn_bookings_total",
            'p2plearn_refusals_total{code="slot_taken"}',
            request("POST", 303, "meetings:book"),
            request("POST", 409, "meetings:book"),
            request("POST", 201, "api:create"),
            request("GET", 200, "meetings:mentors"),
            'p2plearn_request_seconds_count{view="meetings:mentors"}',
        )
    } == {
        "p2plearn_bookings_total": 6,
        'p2plearn_refusals_total{code="slot_taken"}': 6,
        request("POST", 303, "meetings:book"): 3,
        request("POST", 409, "meetings:book"): 3,
        request("POST", 201, "api:create"): 3,
        request("GET", 200, "meetings:mentors"): 30,
        'p2plearn_request_seconds_count{view="meetings:mentors"}': 30,
    }
    assert after['p2plearn_check_ok{check="worker"}'] == 1
    assert change(before, after, "p2plearn_calendar_behind") == 6
    assert change(before, after, "p2plearn_mails_due") == 12
    assert after["p2plearn_worker_silent_seconds"] < 60


def children(process):
    """The ids of the site's child processes."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text().split()]


def web_processes():
    mine = children(os.getpid())
    servers = [each for each in mine if b"gunicorn" in Path(f"/proc/{each}/cmdline").read_bytes()]
    return [child for server in servers for child in children(server)]


def test_a_process_that_ends_leaves_its_count_to_the_next(site):
    at_once([partial(visitor.get, "/mentors/") for visitor in site.visitors * 10])
    before = figures(site.base_url)
    files = len(list(FOLDERS.glob(f"{COUNTS}/*.db")))

    killed = web_processes()
    for process in killed:
        os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while len(set(web_processes()) - set(killed)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    at_once([partial(visitor.get, "/mentors/") for visitor in site.visitors * 10])
    after = figures(site.base_url)

    name = 'p2plearn_requests_total{method="GET",status="200",view="meetings:mentors"}'
    assert change(before, after, name) == 30
    assert len(list(FOLDERS.glob(f"{COUNTS}/*.db"))) == files


def test_figures_are_for_who_brings_the_token_and_tell_of_nobody(site):
    Heartbeat.objects.beat(timezone.now())
    site.book_at_once(day=3)

    assert ask(site.base_url, "another")[0] == 401
    assert ask(site.base_url, "")[0] == 401
    status, text = ask(site.base_url)
    assert status == 200
    assert not EMAIL_OR_NAME.search(text)
    assert str(site.mentor.pk) not in text
