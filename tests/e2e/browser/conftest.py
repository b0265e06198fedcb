"""A real Chromium on the real site; the page must not log errors or warnings."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from meetings.domain.policy import Status
from tests.e2e.servers.binaries import find_chromium
from tests.factories import (
    MeetingFactory,
    MentorFactory,
    UserFactory,
    completed_meeting,
    soon,
)

CHROMIUM = find_chromium()
# Tests that use every layer, down to the database.
ON_EVERY_DATABASE = {
    "test_from_sign_up_to_cancelled[chromium-desktop]",
    "test_without_javascript[chromium-no script]",
}
HERE = Path(__file__).parent
AXE = next((HERE / "vendor").glob("axe-core-*.min.js"))

# Playwright drives the browser from an event loop in the test's own thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items):
    skip = pytest.mark.skip(reason="no Chromium: install it, or set CHROMIUM to its path")
    seen = pytest.mark.skip(reason="a page looks the same on every database: looked at on SQLite")
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(skip)
            elif connection.vendor != "sqlite" and item.name not in ON_EVERY_DATABASE:
                item.add_marker(seen)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {
        "executable_path": str(CHROMIUM),
        # Chromium's sandbox does not start as root, which containers and CI often use.
        "args": [*quiet, *(["--no-sandbox"] if os.geteuid() == 0 else [])],
    }


@pytest.fixture
def browser_context_args():
    return {
        "viewport": {"width": 1280, "height": 900},
        "timezone_id": "Europe/Berlin",
        "locale": "en-GB",
        "permissions": ["clipboard-read", "clipboard-write"],
    }


@pytest.fixture
def site(live_server, settings):
    """The address of the running site, which its own links use too."""
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.fixture
def complaints(page):
    """Warnings and errors of the console; the test fails if there are any at its end."""
    heard = []

    def listen(message):
        if message.type in ("error", "warning"):
            heard.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    # A refusal is answered with 409 or 422, which Chromium and htmx report as a failed resource.
    refusal = re.compile(r"(status of|Error Code) 4")
    assert [text for text in heard if not refusal.search(text)] == []


@pytest.fixture
def mentor(transactional_db):
    """A mentor who can be booked round the clock, in another time zone than the browser's."""
    person = UserFactory(name="Amara Okafor", timezone="Africa/Lagos")
    return MentorFactory(
        user=person, headline="Loops, and how to leave them", skills=["Python"], languages=["en"]
    )


@pytest.fixture
def life(mentor):
    """A learner whose meetings are in every state."""
    learner, now = UserFactory(name="Lena Learner"), timezone.now()
    upcoming = MeetingFactory(
        mentor=mentor.user, learner=learner, scheduled_at=soon(now, 180), subject="Next one"
    )
    completed_meeting(mentor.user, learner, start=soon(now) - timedelta(days=2), rating=None)
    completed_meeting(
        mentor.user, learner, start=soon(now) - timedelta(days=3), rating=4, feedback="Clear."
    )
    MeetingFactory(mentor=mentor.user, learner=learner, scheduled_at=soon(now) - timedelta(days=1))
    MeetingFactory(
        mentor=mentor.user,
        learner=learner,
        scheduled_at=soon(now, 600),
        status=Status.CANCELLED,
        cancelled_by=mentor.user,
        cancel_reason="A cold.",
    )
    return learner, upcoming


@pytest.fixture
def enter(page, site):
    """A function that logs the browser in as a person."""

    def log_in(person):
        client = Client()
        client.force_login(person)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])

    return log_in


@pytest.fixture
def look(page, complaints):
    """A function that fails unless axe finds nothing and the page fits its window."""

    def check():
        page.evaluate(AXE.read_text())
        findings = page.evaluate(
            # Targets of 24 px are a rule of WCAG 2.2, which axe checks only on request.
            "async () => (await axe.run(document, {resultTypes: ['violations'],"
            " rules: {'target-size': {enabled: true}}})).violations"
            ".map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`)"
        )
        too_wide = page.evaluate(
            "() => { const page = document.documentElement;"
            " if (page.scrollWidth <= page.clientWidth) return [];"
            " const outside = (it) => it.getBoundingClientRect().right > page.clientWidth;"
            " return [...document.querySelectorAll('main *')].filter(outside)"
            ".map((it) => it.className || it.tagName); }"
        )
        assert (page.url, findings, too_wide) == (page.url, [], [])

    return check
