"""From a first visit to a booked and cancelled meeting, on different devices and settings."""

import re
from dataclasses import dataclass

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from meetings.models import BusyCell, Meeting
from tests.e2e.browser.gestures import Finger, Keyboard, Mouse
from tests.factories import PASSWORD

SUBJECT = "How do loops end?"


@dataclass
class Person:
    """A person at a page, and how they use it: mouse, finger or keyboard."""

    page: Page
    hands: Mouse

    @property
    def main(self):
        return self.page.get_by_role("main")

    def press(self, role, name):
        self.hands.press(self.main.get_by_role(role, name=name).first)

    def sign_up(self):
        self.hands.fill(self.page.get_by_label("Your name"), "Lena Learner")
        self.hands.fill(self.page.get_by_label("Email", exact=False).first, "lena@example.com")
        self.hands.fill(self.page.get_by_label("Password", exact=False).first, PASSWORD)
        self.press("button", "Sign up")
        self.page.wait_for_url("**/accounts/confirm-email/**")
        code = re.search(r"^([A-Z0-9-]{6,})$", str(mail.outbox[-1].body), re.MULTILINE)
        assert code is not None
        self.hands.fill(self.page.get_by_label("Code", exact=False).first, code[1])
        self.press("button", re.compile("Confirm|Verify"))

    def find_and_choose(self, site):
        self.page.goto(f"{site}/")
        self.hands.fill(self.main.get_by_role("searchbox"), "python")
        self.press("button", "Find a mentor")
        self.page.wait_for_url("**/mentors/?*")
        self.press("link", "Amara Okafor")
        self.press("link", "Book a session")
        self.page.wait_for_url("**/accounts/login/**")
        self.press("link", "Create an account")
        self.sign_up()
        self.page.wait_for_url("**/book-session/**")

    def choose_slot(self, number):
        self.hands.choose(self.main.locator(".slots"), number)

    def choose_whole_day(self):
        """Choose the first of next month, since only a few minutes of today may be left."""
        title = self.page.locator(".calendar__title").inner_text()
        self.press("link", "Next month")
        expect(self.page.locator(".calendar__title")).not_to_have_text(title)

    def book(self):
        self.choose_whole_day()
        self.choose_slot(4)
        self.hands.fill(self.page.get_by_label("Subject"), SUBJECT)
        self.press("button", "Book session")


@pytest.fixture
def person(page, request):
    return Person(page, request.param(page))


@pytest.fixture
def browser(browser, browser_type, browser_type_launch_args, request):
    """The browser; for tests that ask for it, one with text of twice its size."""
    if not request.node.get_closest_marker("big_text"):
        yield browser
        return
    args = [*browser_type_launch_args["args"], "--blink-settings=defaultFontSize=32"]
    big = browser_type.launch(**{**browser_type_launch_args, "args": args})
    yield big
    big.close()


@pytest.fixture
def browser_context_args(browser_context_args, request):
    return {**browser_context_args, **request.node.get_closest_marker("context").kwargs}


def people(name, hands, width, height, *marks, **context):
    context = {"viewport": {"width": width, "height": height}, **context}
    return pytest.param(hands, marks=[pytest.mark.context(**context), *marks], id=name)


EVERYBODY = [
    people("desktop", Mouse, 1280, 900),
    people("phone", Finger, 360, 740, has_touch=True, is_mobile=True),
    people("keyboard", Keyboard, 1280, 900, reduced_motion="reduce"),
    # A window of 1280 px at 400 % zoom.
    people("zoomed", Mouse, 320, 640),
    people("big text", Mouse, 1280, 900, pytest.mark.big_text),
    people("big text on a phone", Finger, 360, 740, pytest.mark.big_text, has_touch=True),
    people("forced colours", Mouse, 1280, 900, forced_colors="active"),
]


@pytest.mark.parametrize("person", EVERYBODY, indirect=True)
def test_from_sign_up_to_cancelled(person, site, mentor, look):
    page, hands = person.page, person.hands
    person.find_and_choose(site)
    look()

    person.book()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(SUBJECT)
    expect(dialog).to_contain_text("meet.jit.si")
    assert dialog.evaluate("(dialog) => dialog.contains(document.activeElement)")
    look()
    meeting = Meeting.objects.get()
    hands.press(dialog.get_by_role("button", name="Copy"))
    expect(dialog).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}{meeting.join_path}"
    assert User.objects.get(email="lena@example.com").timezone == "Europe/Berlin"

    hands.press(dialog.get_by_role("link", name="Go to dashboard"))
    page.wait_for_url("**/dashboard/")
    expect(page.locator("[data-countdown]").first).to_contain_text(re.compile(r"in \d"))
    look()
    person.press("link", re.compile("Details"))
    page.wait_for_url(f"**{meeting.get_absolute_url()}")
    look()

    person.press("link", "Reschedule")
    page.wait_for_url("**/reschedule/")
    person.choose_slot(7)
    look()
    person.press("button", "Take the new time")
    page.wait_for_url(f"**{meeting.get_absolute_url()}*")
    before = meeting.scheduled_at
    meeting.refresh_from_db()
    assert meeting.scheduled_at != before

    person.press("link", re.compile("Cancel"))
    page.wait_for_url("**/cancel/")
    look()
    hands.fill(page.get_by_label("Reason", exact=False), "The loop ended by itself.")
    person.press("button", "Cancel the meeting")
    expect(person.main).to_contain_text("The loop ended by itself.")
    look()
    meeting.refresh_from_db()
    cells = BusyCell.objects.of(BusyCell.OwnerKind.MEETING, meeting.pk)
    assert (meeting.status, cells.count()) == ("cancelled", 0)


@pytest.mark.parametrize(
    "person", [people("no script", Mouse, 360, 740, java_script_enabled=False)], indirect=True
)
def test_without_javascript(person, site, mentor):
    person.find_and_choose(site)

    person.book()
    expect(person.main).to_contain_text("Your session is booked")
    meeting = Meeting.objects.get()
    person.press("link", "Reschedule")
    person.choose_slot(7)
    person.press("button", "Take the new time")
    person.press("link", re.compile("Cancel"))
    person.press("button", "Cancel the meeting")

    expect(person.main).to_contain_text("cancelled")
    meeting.refresh_from_db()
    assert meeting.status == "cancelled"


@pytest.mark.parametrize("person", EVERYBODY[:1], indirect=True)
def test_what_is_typed_survives_and_is_sent_once(person, site, mentor, look):
    page = person.page
    person.find_and_choose(site)
    person.choose_whole_day()
    person.choose_slot(4)
    page.get_by_label("Subject").fill("turned \u202e round")
    person.press("button", "Book session")
    expect(person.main).to_contain_text("invisible control characters")

    page.goto(page.url)
    expect(page.get_by_label("Subject")).to_have_value("turned \u202e round")
    page.get_by_label("Subject").fill("W" * 200)
    person.choose_slot(4)
    posts = []
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    person.main.get_by_role("button", name="Book session").dblclick()
    expect(page.get_by_role("dialog")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("W" * 200)
    page.wait_for_load_state()
    look()
    assert (len(posts), Meeting.objects.count()) == (1, 1)
