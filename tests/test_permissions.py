"""Every page for every kind of person. A page that is missing from the table fails the test."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.photos import SIDES
from meetings.notifications.unsubscribe import unsubscribe_url
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon

# The responses. OPEN: the page. LOGIN: a redirect to the log-in page. HIDDEN: the same 404 as for
# something that does not exist. REFUSED: 403. POST: 405, since the address only accepts POST.
# DOES: the response to an empty POST by somebody who may send one, which can be an error. AWAY: a
# redirect to another page.
OPEN, LOGIN, HIDDEN, REFUSED, POST, DOES = "open", "login", "hidden", "refused", "post", "does"
AWAY = "away"

ROLES = ("anonymous", "learner", "mentor", "stranger", "staff")
ALL = (OPEN,) * 5
SIGNED_IN = (LOGIN, OPEN, OPEN, OPEN, OPEN)
PARTICIPANTS = (LOGIN, OPEN, OPEN, HIDDEN, HIDDEN)
DO_PARTICIPANTS = (LOGIN, DOES, DOES, HIDDEN, HIDDEN)
DO_SIGNED_IN = (LOGIN, DOES, DOES, DOES, DOES)
# The learner's own objects.
DO_LEARNER = (LOGIN, DOES, HIDDEN, HIDDEN, HIDDEN)
AWAY_SIGNED_IN = (LOGIN, AWAY, AWAY, AWAY, AWAY)

GETS = {
    "meetings:home": ALL,
    "meetings:mentors": ALL,
    "meetings:mentor": ALL,
    "meetings:book": SIGNED_IN,
    "meetings:dashboard": SIGNED_IN,
    "meetings:availability": SIGNED_IN,
    "meetings:meeting": PARTICIPANTS,
    "meetings:reschedule": PARTICIPANTS,
    "meetings:cancel": PARTICIPANTS,
    "meetings:complete": PARTICIPANTS,
    "meetings:rate": PARTICIPANTS,
    "meetings:ics": PARTICIPANTS,
    "meetings:link": PARTICIPANTS,
    "meetings:join": PARTICIPANTS,
    "meetings:calendar_callback": AWAY_SIGNED_IN,
    "meetings:calendar_disconnect": AWAY_SIGNED_IN,
    "accounts:settings": SIGNED_IN,
    "accounts:mentor_profile": SIGNED_IN,
    "accounts:photo": ALL,
    "meetings:notifications": SIGNED_IN,
    "meetings:bell": ALL,
    "meetings:unsubscribe": ALL,
    "styleguide": ALL,
}
POSTS = {
    "meetings:book": DO_SIGNED_IN,
    "meetings:reschedule": DO_PARTICIPANTS,
    "meetings:cancel": DO_PARTICIPANTS,
    "meetings:complete": DO_PARTICIPANTS,
    "meetings:rate": DO_PARTICIPANTS,
    "meetings:notes": DO_PARTICIPANTS,
    "meetings:private_notes": DO_PARTICIPANTS,
    "meetings:join": DO_PARTICIPANTS,
    "meetings:availability": DO_SIGNED_IN,
    "meetings:calendar_connect": DO_SIGNED_IN,
    "meetings:calendar_disconnect": DO_SIGNED_IN,
    "accounts:settings": DO_SIGNED_IN,
    "accounts:mentor_profile": DO_SIGNED_IN,
    "accounts:scheme": (DOES,) * 5,
    "accounts:language": (DOES,) * 5,
    "accounts:change_photo": DO_SIGNED_IN,
    "accounts:remove_photo": DO_SIGNED_IN,
    "meetings:read": DO_LEARNER,
    "meetings:read_all": DO_SIGNED_IN,
    "meetings:mail_choices": DO_SIGNED_IN,
    "meetings:unsubscribe": (DOES,) * 5,
}
# Mail programs send it without a session; the signed token in the address gives access.
NO_CSRF_TOKEN = {"meetings:unsubscribe"}
# Pages of django-allauth, which tests itself who may see them. Here we only check that those
# about one's own account require a log-in.
LIBRARY = ("account_", "mfa_", "socialaccount_", "google_", "usersessions_", "headless:")
LIBRARY_PRIVATE = (
    "account_email",
    "account_change_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_view_recovery_codes",
    "usersessions_list",
    "socialaccount_connections",
)


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from names(each, inner)
        elif isinstance(each, URLPattern) and each.name:
            yield f"{namespace}{each.name}"


@pytest.fixture
def people(db):
    meeting = MeetingFactory(scheduled_at=soon(timezone.now(), 24 * 60))
    clients = {role: Client() for role in ROLES}
    MentorFactory(user=meeting.mentor) if not meeting.mentor.is_mentor else None
    clients["learner"].force_login(meeting.learner)
    clients["mentor"].force_login(meeting.mentor)
    clients["stranger"].force_login(UserFactory())
    clients["staff"].force_login(UserFactory(is_staff=True, is_superuser=True))
    return clients, meeting


def address(name, meeting):
    if name in ("meetings:mentor", "meetings:book"):
        return reverse(name, args=[MentorFactory().user.pk])
    if name == "accounts:photo":
        meeting.mentor.set_photo(dict.fromkeys(SIDES, b""))
        return meeting.mentor.photo_urls.small
    if name == "meetings:join":
        return reverse(name, args=[meeting.join_token])
    if name == "meetings:read":
        told = meeting.notifications.get(recipient=meeting.learner, kind="booked")
        return reverse(name, args=[told.pk])
    if name == "meetings:unsubscribe":
        return unsubscribe_url(meeting.learner, "reminders").removeprefix(settings.SITE_URL)
    if name.startswith("meetings:") and name not in (
        "meetings:home",
        "meetings:mentors",
        "meetings:dashboard",
        "meetings:availability",
        "meetings:calendar_connect",
        "meetings:calendar_callback",
        "meetings:calendar_disconnect",
        "meetings:notifications",
        "meetings:bell",
        "meetings:read_all",
        "meetings:mail_choices",
    ):
        return reverse(name, args=[meeting.pk])
    return reverse(name)


def outcome(response, url):
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login")):
        return LOGIN
    if response.status_code == 404:
        return HIDDEN
    if response.status_code == 403:
        return REFUSED
    if response.request["REQUEST_METHOD"] == "GET":
        met = {200: OPEN, 204: OPEN, 302: AWAY, 405: POST}
        return met.get(response.status_code, response.status_code)
    return DOES if response.status_code < 500 else response.status_code


def body(response):
    """The response without the CSRF token, which is masked differently each time."""
    return re.sub(rb'(X-CSRFToken": "|csrfmiddlewaretoken" value=")\w+', rb"\1", response.content)


@pytest.mark.parametrize("name", GETS)
def test_who_may_look(people, name):
    clients, meeting = people
    url = address(name, meeting)

    met = tuple(outcome(clients[role].get(url), url) for role in ROLES)

    assert met == GETS[name]


@pytest.mark.parametrize("name", POSTS)
def test_who_may_do(people, name):
    clients, meeting = people
    url = address(name, meeting)

    met = tuple(outcome(clients[role].post(url), url) for role in ROLES)

    assert met == POSTS[name]


@pytest.mark.parametrize("name", LIBRARY_PRIVATE)
def test_ones_own_account_is_closed_to_others(people, name):
    clients, _meeting = people

    assert outcome(clients["anonymous"].get(reverse(name)), name) == LOGIN


def test_every_page_is_in_a_table():
    ours = {
        name
        for name in names(get_resolver())
        if not name.startswith((*LIBRARY, "admin:", "api", "ninja"))
    }

    assert ours - GETS.keys() - POSTS.keys() == set()


def test_the_admin_is_for_staff(people):
    clients, _meeting = people
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]

    for url in [reverse("admin:index"), *lists]:
        assert clients["staff"].get(url).status_code == 200
        for role in ("anonymous", "learner", "mentor", "stranger"):
            assert clients[role].get(url).status_code in (302, 403)


def test_a_stranger_gets_the_answer_of_what_does_not_exist(people):
    clients, meeting = people
    elsewhere = type(meeting)().pk

    for name in ("meetings:meeting", "meetings:cancel", "meetings:ics", "meetings:reschedule"):
        theirs = clients["stranger"].get(reverse(name, args=[meeting.pk]))
        missing = clients["stranger"].get(reverse(name, args=[elsewhere]))
        assert (theirs.status_code, body(theirs)) == (missing.status_code, body(missing))


def test_a_deactivated_person_is_out_at_once(people):
    clients, meeting = people
    type(meeting.learner).objects.filter(pk=meeting.learner_id).update(is_active=False)

    response = clients["learner"].get(reverse("meetings:dashboard"))
    others = clients["mentor"].get(meeting.get_absolute_url())

    assert outcome(response, "") == LOGIN
    assert others.status_code == 200


def test_what_changes_something_wants_a_token(people):
    _clients, meeting = people
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(meeting.learner)

    for name in POSTS.keys() - NO_CSRF_TOKEN:
        assert strict.post(address(name, meeting)).status_code == 403
    meeting.refresh_from_db()
    assert meeting.status == "scheduled"
    assert meeting.updated_at - timezone.now() < timedelta(minutes=1)
