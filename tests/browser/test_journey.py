"""The way from a first visit to a meeting, as a person goes it."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import User
from meetings.models import Meeting
from tests.factories import PASSWORD

SUBJECT = "How do loops end?"


def sign_up(page):
    page.get_by_label("Your name").fill("Lena Learner")
    page.get_by_label("Email", exact=False).first.fill("lena@example.com")
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/accounts/confirm-email/**")
    code = re.search(r"^([A-Z0-9-]{6,})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code is not None
    page.get_by_label("Code", exact=False).first.fill(code[1])
    page.get_by_role("main").get_by_role("button", name=re.compile("Confirm|Verify")).click()


def find_and_choose(page, site):
    page.goto(f"{site}/")
    page.get_by_role("main").get_by_role("searchbox").fill("python")
    page.get_by_role("main").get_by_role("button", name="Find a mentor").click()
    page.get_by_role("link", name="Amara Okafor").first.click()
    page.get_by_role("main").get_by_role("link", name="Book a session").first.click()
    page.wait_for_url("**/accounts/login/**")
    page.get_by_role("main").get_by_role("link", name="Create an account").click()
    sign_up(page)
    page.wait_for_url("**/book-session/**")


def choose_slot(page, number):
    page.locator("main .slots label").nth(number).click()


def book(page):
    choose_slot(page, 4)
    page.get_by_label("Subject").fill(SUBJECT)
    page.get_by_role("main").get_by_role("button", name="Book session").click()


@pytest.mark.parametrize("size", [(1280, 900), (360, 740)], ids=["desktop", "phone"])
def test_from_sign_up_to_cancelled(page, site, mentor, look, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    find_and_choose(page, site)
    look()

    book(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(SUBJECT)
    expect(dialog).to_contain_text("meet.jit.si")
    look()
    meeting = Meeting.objects.get()
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}{meeting.join_path}"
    assert User.objects.get(email="lena@example.com").timezone == "Europe/Berlin"

    dialog.get_by_role("link", name="Go to dashboard").click()
    page.wait_for_url("**/dashboard/")
    expect(page.locator("[data-countdown]").first).to_contain_text(re.compile(r"in \d"))
    look()
    page.get_by_role("link", name=re.compile("Details")).first.click()
    look()

    page.get_by_role("link", name="Reschedule").click()
    choose_slot(page, 7)
    look()
    page.get_by_role("button", name="Take the new time").click()
    page.wait_for_url(f"**{meeting.get_absolute_url()}*")
    before = meeting.scheduled_at
    meeting.refresh_from_db()
    assert meeting.scheduled_at != before

    page.get_by_role("link", name=re.compile("Cancel")).first.click()
    look()
    page.get_by_label("Reason", exact=False).fill("The loop ended by itself.")
    page.get_by_role("button", name="Cancel the meeting").click()
    expect(page.get_by_role("main")).to_contain_text("The loop ended by itself.")
    look()
    meeting.refresh_from_db()
    assert (meeting.status, meeting.busy_cells.count()) == ("cancelled", 0)


def test_without_javascript(browser, browser_context_args, site, mentor):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    find_and_choose(page, site)

    book(page)
    expect(page.get_by_role("main")).to_contain_text("Your session is booked")
    meeting = Meeting.objects.get()
    page.get_by_role("link", name="Reschedule").first.click()
    choose_slot(page, 7)
    page.get_by_role("button", name="Take the new time").click()
    page.get_by_role("link", name=re.compile("Cancel")).first.click()
    page.get_by_role("button", name="Cancel the meeting").click()

    expect(page.get_by_role("main")).to_contain_text("cancelled")
    meeting.refresh_from_db()
    assert meeting.status == "cancelled"
    context.close()


def test_what_is_typed_survives_and_is_sent_once(page, site, mentor, look):
    find_and_choose(page, site)
    choose_slot(page, 4)
    page.get_by_label("Subject").fill("turned \u202e round")
    page.get_by_role("main").get_by_role("button", name="Book session").click()
    expect(page.get_by_role("main")).to_contain_text("invisible control characters")

    page.goto(page.url)
    expect(page.get_by_label("Subject")).to_have_value("turned \u202e round")
    page.get_by_label("Subject").fill("W" * 200)
    choose_slot(page, 4)
    posts = []
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    page.get_by_role("main").get_by_role("button", name="Book session").dblclick()
    expect(page.get_by_role("dialog")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("W" * 200)
    page.wait_for_load_state()
    look()
    assert (len(posts), Meeting.objects.count()) == (1, 1)
