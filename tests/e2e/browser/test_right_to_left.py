"""A language that is written from right to left needs no styles of its own."""

import pytest
from django.urls import reverse

from tests.e2e.browser.test_pages import OF_A_MEETING


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "he-IL"}


@pytest.fixture
def hebrew(settings):
    """The site is in Hebrew, as far as Django is translated."""
    settings.LANGUAGES = [*settings.LANGUAGES, ("he", "עברית")]


@pytest.fixture(params=[(1280, 900), (360, 740)], ids=["desktop", "phone"])
def window(page, request):
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="reduce")


@pytest.fixture
def look_from_the_right(page, look):
    def check():
        assert page.locator("html").get_attribute("dir") == "rtl"
        look()

    return check


def test_pages_of_a_visitor(page, site, hebrew, window, mentor, look_from_the_right):
    for address in (
        reverse("meetings:home"),
        reverse("meetings:mentors"),
        mentor.get_absolute_url(),
        reverse("account_signup"),
    ):
        page.goto(f"{site}{address}")
        look_from_the_right()


def test_pages_of_a_learner(page, site, hebrew, window, mentor, life, look_from_the_right, enter):
    learner, upcoming = life
    type(learner).objects.filter(pk=learner.pk).update(language="he")
    enter(learner)
    for address in (
        *(reverse(f"meetings:{name}", args=[upcoming.pk]) for name in OF_A_MEETING),
        reverse("meetings:dashboard"),
        reverse("meetings:book", args=[mentor.user.pk]),
        reverse("meetings:notifications"),
        reverse("accounts:settings"),
    ):
        page.goto(f"{site}{address}")
        look_from_the_right()


def test_pages_of_a_mentor(page, site, hebrew, window, mentor, life, look_from_the_right, enter):
    type(mentor.user).objects.filter(pk=mentor.user.pk).update(language="he")
    enter(mentor.user)
    for name in ("meetings:availability", "accounts:mentor_profile"):
        page.goto(f"{site}{reverse(name)}")
        look_from_the_right()


def test_the_month_turns_round(page, site, hebrew, mentor, life, complaints, enter):
    """Monday is to the right of Tuesday, and the link to the next month on the left."""
    learner, _upcoming = life
    type(learner).objects.filter(pk=learner.pk).update(language="he")
    enter(learner)

    page.goto(f"{site}{reverse('meetings:book', args=[mentor.user.pk])}")

    first, second = (
        page.locator(".calendar__grid th").nth(each).bounding_box()["x"] for each in (0, 1)
    )
    arrow = page.locator(".bi-chevron-right")
    assert first > second
    assert arrow.evaluate("it => new DOMMatrix(getComputedStyle(it).transform).a") == -1
