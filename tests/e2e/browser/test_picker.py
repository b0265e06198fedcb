"""Choosing a time: with the keyboard, in another time zone, and after a session has expired."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site_settings
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import PASSWORD, UserFactory


@pytest.fixture
def learner(page, site, mentor, enter):
    person = UserFactory(name="Lena Learner", timezone="Europe/Berlin")
    enter(person)
    page.goto(f"{site}{reverse('meetings:book', args=[mentor.pk])}")
    return person


def focused(page):
    return page.locator(":focus")


def day_of(page):
    return re.sub(r"^day-", "", focused(page).get_attribute("id"))


def next_month(page):
    title = page.locator(".calendar__title").inner_text()
    page.get_by_role("link", name="Next month").click()
    expect(page.locator(".calendar__title")).not_to_have_text(title)


def test_the_month_is_a_grid_for_the_keyboard(page, learner, look):
    next_month(page)
    grid = page.get_by_role("grid")
    stops = grid.locator("a[tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    first = day_of(page)
    month = first[:7]
    assert first == f"{month}-01"

    page.keyboard.press("ArrowRight")
    assert day_of(page) == f"{month}-02"
    page.keyboard.press("ArrowDown")
    assert day_of(page) == f"{month}-09"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert day_of(page) == first
    page.keyboard.press("End")
    assert focused(page).evaluate("(day) => day.closest('td').cellIndex") == 6
    page.keyboard.press("Home")
    assert day_of(page) == first
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("a.calendar__day--selected")).to_have_id(f"day-{month}-02")
    expect(page.get_by_role("status").filter(has_text="free time")).to_have_count(1)

    page.locator(f"#day-{month}-02").focus()
    page.keyboard.press("PageUp")
    expect(page.locator(f"#day-{month}-02")).to_have_count(0)
    assert day_of(page)[:7] < month
    page.keyboard.press("End")
    while day_of(page)[:7] < month:
        before = day_of(page)
        page.keyboard.press("ArrowRight")
        expect(page.locator(f":focus:not(#day-{before})")).to_have_count(1)
    assert day_of(page) == first
    look()


def test_times_on_another_clock_and_back(page, learner, complaints):
    next_month(page)
    slot = page.locator("main .slots input").first
    value, shown = slot.input_value(), page.locator("main .slots label").first.inner_text()
    page.locator("main .slots label").first.click()

    page.get_by_label("Time zone").select_option("Asia/Kathmandu")
    expect(page).to_have_url(re.compile("tz=Asia%2FKathmandu"))
    chosen = page.locator("main .slots input:checked")
    expect(chosen).to_have_value(value)
    assert chosen.locator("xpath=..").inner_text() != shown

    page.go_back()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")


def test_what_is_typed_survives_a_log_in_on_the_way(page, site, learner):
    EmailAddress.objects.create(user=learner, email=learner.email, verified=True, primary=True)
    page.get_by_label("Subject").fill("Still here")
    page.context.clear_cookies(name=site_settings.SESSION_COOKIE_NAME)

    page.get_by_role("link", name="Next month").click()
    page.wait_for_url("**/accounts/login/**")
    page.get_by_label("Email").fill(learner.email)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()

    page.wait_for_url("**/book-session/**")
    expect(page.get_by_label("Subject")).to_have_value("Still here")


def test_a_link_is_selected_where_nothing_may_be_copied(page, learner, complaints):
    page.evaluate(
        """() => {
            const refuse = () => Promise.reject(new DOMException("", "NotAllowedError"));
            Object.defineProperty(navigator, "clipboard", { value: { writeText: refuse } });
            document.execCommand = () => false;
        }"""
    )
    next_month(page)
    page.locator("main .slots label").first.click()
    page.get_by_label("Subject").fill("Copied by hand")
    page.get_by_role("main").get_by_role("button", name="Book session").click()
    dialog = page.get_by_role("dialog")

    dialog.get_by_role("button", name="Copy").click()

    expect(dialog).to_contain_text("Selected: now press the keys that copy")
    field = dialog.locator("input[readonly]")
    assert field.evaluate("(field) => field.selectionEnd - field.selectionStart") == len(
        field.input_value()
    )
