"""The booking page's bytes over the wire and its layout shifts, on a site as in production."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.servers.demo import LEARNER, PASSWORD, running_demo

FIRST_VISIT = 160_000
AFTER = 25_000
SHIFT = 0.02

# Adds up layout shifts without user input, see https://web.dev/articles/cls.
WATCH_SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            const what = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80));
            if (!entry.hadRecentInput) window.shifts.push([entry.value, what]);
        }
    }).observe({ type: "layout-shift", buffered: true });
"""


# All tests share one server, so all of them must run on one xdist worker.
pytestmark = pytest.mark.xdist_group("demo site")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_demo(tmp_path_factory.mktemp("demo")) as base_url:
        yield base_url


@pytest.fixture
def wire(page):
    """`[(address, bytes over the wire)]` of each response, headers included; clear() empties it."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    addresses: dict[str, str] = {}
    heard: list[tuple[str, int]] = []
    session.on(
        "Network.responseReceived",
        lambda event: addresses.__setitem__(event["requestId"], event["response"]["url"]),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: heard.append(
            (addresses.get(event["requestId"], ""), event["encodedDataLength"])
        ),
    )
    return heard


def log_in(page, base_url):
    page.goto(f"{base_url}/accounts/login/")
    page.get_by_label("Email").fill(LEARNER)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/dashboard/")
    page.wait_for_load_state("networkidle")


def booking_page(page, base_url):
    page.goto(f"{base_url}/mentors/")
    address = page.locator("main .card__cover").first.get_attribute("href")
    return f"{base_url}{address}".replace("/mentors/", "/book-session/")


def test_the_booking_page_is_light(page, demo, wire, complaints):
    log_in(page, demo)
    address = booking_page(page, demo)
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")

    totals = []
    for _visit in range(2):
        page.goto("about:blank")
        wire.clear()
        page.goto(address, wait_until="networkidle")
        totals.append(sum(size for _address, size in wire))

    hosts = {urlsplit(each).netloc for each, _size in wire if not each.startswith("data:")}
    assert hosts == {urlsplit(demo).netloc}
    assert totals[0] <= FIRST_VISIT
    assert totals[1] <= AFTER


@pytest.mark.parametrize("size", [(1280, 900), (360, 740)], ids=["desktop", "phone"])
def test_nothing_moves_by_itself_while_one_books(page, demo, complaints, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    log_in(page, demo)
    page.add_init_script(WATCH_SHIFTS)

    page.goto(booking_page(page, demo), wait_until="networkidle")
    month = page.locator(".calendar__title").inner_text()
    page.locator("[data-calendar-next]").click()
    expect(page.locator(".calendar__title")).not_to_have_text(month)
    day = page.locator("a.calendar__day--free").nth(1)
    number = day.text_content()
    day.click()
    expect(page.locator("a.calendar__day--selected")).to_have_text(number)
    page.locator("main .slots label").first.click()
    page.get_by_label("Subject").fill("Does it stand still?")
    page.get_by_role("main").get_by_role("button", name="Book session").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(1_000)
    moved = page.evaluate("window.shifts")
    page.goto(f"{demo}/dashboard/", wait_until="networkidle")
    moved += page.evaluate("window.shifts")

    assert sum(value for value, _what in moved) <= SHIFT, moved
