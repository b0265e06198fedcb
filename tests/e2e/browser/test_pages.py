"""Every page, in both schemes and on a phone: nothing for axe, not too wide, no console errors."""

import pytest
from django.urls import reverse

from tests.factories import UserFactory

OPEN = ["meetings:home", "meetings:mentors", "account_login", "account_signup", "styleguide"]
PRIVATE = [
    "meetings:dashboard",
    "meetings:availability",
    "meetings:notifications",
    "accounts:settings",
    "accounts:mentor_profile",
    "account_reset_password",
    "account_email",
    "account_change_password",
    "account_logout",
    "mfa_index",
    "usersessions_list",
]
OF_A_MEETING = ["meeting", "reschedule", "cancel", "complete"]


@pytest.fixture(params=[(1280, 900, "light"), (360, 740, "dark")], ids=["desktop", "phone"])
def window(page, request):
    width, height, scheme = request.param
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")


def test_open_pages(page, site, mentor, look, window):
    for name in OPEN:
        page.goto(f"{site}{reverse(name)}")
        look()
    page.goto(f"{site}{mentor.get_absolute_url()}")
    look()


def test_pages_of_a_newcomer_are_empty_but_lead_on(page, site, look, window, enter):
    enter(UserFactory())
    for name in PRIVATE:
        page.goto(f"{site}{reverse(name)}")
        look()


def test_pages_of_a_learner(page, site, mentor, life, look, window, enter):
    learner, upcoming = life
    enter(learner)
    addresses = [reverse(f"meetings:{name}", args=[upcoming.pk]) for name in OF_A_MEETING]
    addresses += [
        reverse("meetings:dashboard"),
        reverse("meetings:book", args=[mentor.user.pk]),
        reverse("meetings:notifications"),
        upcoming.join_path,
    ]
    for address in addresses:
        page.goto(f"{site}{address}")
        look()


def test_pages_of_a_mentor(page, site, mentor, life, look, window, enter):
    enter(mentor.user)
    for name in ("meetings:dashboard", "meetings:availability", "accounts:mentor_profile"):
        page.goto(f"{site}{reverse(name)}")
        look()


def test_refusals_are_pages_too(page, site, mentor, life, look, window, enter):
    learner, _upcoming = life
    enter(learner)
    page.goto(f"{site}/meetings/{mentor.user.pk}/")
    look()
    page.goto(f"{site}{reverse('meetings:book', args=[mentor.user.pk])}")
    page.get_by_role("main").get_by_role("button", name="Book session").click()
    look()


def test_the_admin_keeps_to_the_policy_too(page, site, life, complaints, enter):
    enter(UserFactory(is_staff=True, is_superuser=True))
    _learner, upcoming = life
    for address in (
        reverse("admin:index"),
        reverse("admin:meetings_meeting_changelist"),
        reverse("admin:meetings_meeting_change", args=[upcoming.pk]),
        reverse("admin:accounts_user_changelist"),
    ):
        page.goto(f"{site}{address}")
