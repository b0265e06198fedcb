"""News appear on an open page without a reload."""

import re

from django.utils import timezone
from playwright.sync_api import expect

from meetings.booking import lifecycle
from tests.factories import MeetingFactory, UserFactory, soon


def look_again(page):
    """Make the page poll the bell: it does so every 15 seconds, and when it becomes visible."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_cancelled_meeting_shows_on_open_pages(page, site, mentor, client, complaints):
    learner = UserFactory(name="Ana Keller")
    meeting = MeetingFactory(
        mentor=mentor.user, learner=learner, scheduled_at=soon(timezone.now(), 72 * 60)
    )
    client.force_login(learner)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}
    page.context.add_cookies([cookie])
    page.goto(site + meeting.get_absolute_url())
    bell = page.locator(".bell")
    expect(bell).to_have_attribute("hx-get", re.compile("seen="))
    page.get_by_label("Shared notes").fill("I was just typing")

    lifecycle.cancel(meeting, by=mentor.user)
    look_again(page)

    expect(page.get_by_text("Amara Okafor cancelled this meeting.")).to_be_visible()
    expect(page.get_by_label("Shared notes")).to_have_value("I was just typing")
    expect(bell).to_contain_text("1 unread")
    expect(page.locator("#bell-news")).to_contain_text("You have 1 unread notification.")
