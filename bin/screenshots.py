"""`make screenshots`: the pictures of the README, and one of every page for review.

Starts its own site with the demo people. The README's pictures go to docs/images, every page in
each width, scheme and language to var/screenshots. With --readme only the former.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bin.install import ROOT, say
from tests.e2e.servers.binaries import find_chromium
from tests.e2e.servers.demo import LEARNER, MENTOR, PASSWORD, running_demo

README_IMAGES = ROOT / "docs" / "images"
GALLERY = ROOT / "var" / "screenshots"

WIDTHS = {360: 740, 768: 1024, 1280: 900}
SCHEMES = ("light", "dark")
LANGUAGES = ("en", "de", "es")

# Pages by who sees them, `{name: path}`; {mentor}, {meeting} and {join} are filled in.
OPEN = {
    "home": "/",
    "mentors": "/mentors/",
    "mentors-none": "/mentors/?q=nobody",
    "mentor": "/mentors/{mentor}/",
    "log-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "password-reset": "/accounts/password/reset/",
    "not-found": "/nowhere/",
}
OF_THE_LEARNER = {
    "book": "/book-session/{mentor}/",
    "book-taken": "/book-session/{mentor}/?start=2020-01-01T00:00Z",
    "dashboard": "/dashboard/",
    "dashboard-past": "/dashboard/?show=past",
    "meeting": "/meetings/{meeting}/",
    "join": "{join}",
    "reschedule": "/meetings/{meeting}/reschedule/",
    "cancel": "/meetings/{meeting}/cancel/",
    "complete": "/meetings/{meeting}/complete/",
    "notifications": "/notifications/",
    "settings": "/settings/",
    "become-a-mentor": "/settings/mentor/",
    "email": "/accounts/email/",
    "password": "/accounts/password/change/",
    "two-factor": "/accounts/2fa/",
    "sessions": "/accounts/sessions/",
}
OF_THE_MENTOR = {
    "mentor-dashboard": "/dashboard/",
    "mentor-profile": "/settings/mentor/",
    "availability": "/availability/",
    "own-page": "/mentors/{mentor}/",
}


@dataclass
class Visit:
    """One visitor, in a window of their own."""

    base_url: str
    page: Page
    names: dict[str, str] = field(default_factory=dict)

    def log_in(self, email: str) -> None:
        self.go("/accounts/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url("**/dashboard/")
        self.page.wait_for_load_state("networkidle")

    def set_language(self, language: str) -> None:
        """Change the person's language, which takes precedence over the browser's."""
        self.page.locator(f"button[name=language][value={language}]").click()
        self.page.wait_for_load_state("networkidle")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.base_url}{path.format(**self.names)}", wait_until="networkidle")

    def find(self) -> None:
        """Remember a mentor with a good page."""
        self.go("/mentors/?q=amara")
        href = self.page.locator("main .card__cover").first.get_attribute("href") or ""
        self.names["mentor"] = href.split("/")[2]

    def find_meeting(self) -> None:
        self.go("/dashboard/")
        href = self.page.locator("main .card__cover").first.get_attribute("href") or ""
        self.names["meeting"] = href.split("/")[2]
        self.go("/meetings/{meeting}/")
        link = self.page.locator("main input[readonly]").first.input_value()
        self.names["join"] = link.removeprefix(self.base_url)

    def shoot(self, path: Path, *, full_page: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.open(io.BytesIO(self.page.screenshot(full_page=full_page)))
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> int:
    chromium = find_chromium()
    if chromium is None:
        sys.exit("There is no Chromium: install it, or set CHROMIUM to its path.")
    with (
        tempfile.TemporaryDirectory(prefix="p2plearn-screenshots-") as folder,
        running_demo(Path(folder)) as base_url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-background-networking"]
        )
        _readme(browser, base_url)
        if "--readme" not in sys.argv:
            for language in LANGUAGES:
                for width in WIDTHS:
                    for scheme in SCHEMES:
                        say(f"{language}, {width} px, {scheme} …")
                        _gallery(browser, base_url, language, width, scheme)
            say(f"Every page is in {GALLERY.relative_to(ROOT)}.")
        browser.close()
    return 0


def _readme(browser: Browser, base_url: str) -> None:
    """Booking and the modal after it; dashboard and booking on a phone in the dark scheme."""
    say("The README's pictures …")
    for context in _window(browser, 1280, "light", "en-GB"):
        visit = Visit(base_url, context.new_page())
        visit.log_in(LEARNER)
        visit.find()
        visit.go("/book-session/{mentor}/")
        visit.page.locator("[data-calendar-next]").click()
        expect(visit.page.locator("[data-calendar-prev]")).to_be_visible()
        visit.page.locator("a.calendar__day--free").nth(2).click()
        visit.page.wait_for_timeout(1_000)
        visit.page.locator("main .slots label").nth(1).click()
        visit.page.locator("input[name=subject]").fill("From loops to generators")
        visit.shoot(README_IMAGES / "booking.png")
        visit.page.locator(".booking__end button[type=submit]").click()
        expect(visit.page.get_by_role("dialog")).to_be_visible()
        visit.page.wait_for_timeout(1_000)
        visit.shoot(README_IMAGES / "booked.png", full_page=False)
    for context in _window(browser, 360, "dark", "en-GB"):
        visit = Visit(base_url, context.new_page())
        visit.log_in(LEARNER)
        visit.go("/dashboard/")
        visit.shoot(README_IMAGES / "dashboard-phone-dark.png", full_page=False)
        visit.find()
        visit.go("/book-session/{mentor}/")
        visit.shoot(README_IMAGES / "booking-phone-dark.png", full_page=False)


def _gallery(browser: Browser, base_url: str, language: str, width: int, scheme: str) -> None:
    for pages, who in ((OPEN, ""), (OF_THE_LEARNER, LEARNER), (OF_THE_MENTOR, MENTOR)):
        for context in _window(browser, width, scheme, language):
            visit = Visit(base_url, context.new_page())
            visit.find()
            if who:
                visit.log_in(who)
                visit.set_language(language)
                visit.find_meeting()
            for name, path in pages.items():
                visit.go(path)
                visit.shoot(GALLERY / language / f"{name}-{width}-{scheme}.png")


def _window(browser: Browser, width: int, scheme: str, locale: str) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme=scheme,  # type: ignore[arg-type]  # a literal to the library
        locale=locale,
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
        device_scale_factor=1,
    )
    yield context
    context.close()


if __name__ == "__main__":
    sys.exit(main())
