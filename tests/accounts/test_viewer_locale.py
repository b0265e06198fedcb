"""Language, clock and time zone are the profile's; for visitors they are the browser's."""

import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import PASSWORD, MeetingFactory, UserFactory

pytestmark = pytest.mark.django_db

HOME = "/"
SWITCH = "/settings/language/"
EVENING = datetime(2027, 3, 2, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9", "de"),
        ("es-MX", "es"),
        ("fr,es;q=0.5,de;q=0.6", "de"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_a_visitor_gets_the_browser_s_language(client, accepted, language):
    response = client.get(HOME, headers={"accept-language": accepted})

    assert f'<html lang="{language}" dir="ltr">' in response.text
    assert response["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))


def test_a_visitor_s_choice_wins_over_the_browser(client):
    german = {"accept-language": "de"}

    back = client.post(
        SWITCH, {"language": "es"}, headers=german | {"referer": "http://testserver/mentors/?q=x"}
    )

    assert (back.status_code, back["Location"]) == (302, "http://testserver/mentors/?q=x")
    assert client.get(HOME, headers=german)["Content-Language"] == "es"


def test_the_profile_wins_over_choice_and_browser(client):
    client.cookies["django_language"] = "es"
    client.force_login(UserFactory(language="de"))

    response = client.get(HOME, headers={"accept-language": "en-US"})

    assert '<html lang="de" dir="ltr">' in response.text
    assert response["Content-Language"] == "de"


def test_who_is_signed_in_changes_the_profile(client):
    person = UserFactory()
    client.force_login(person)

    client.post(SWITCH, {"language": "es"})

    person.refresh_from_db()
    assert person.language == "es"
    assert client.get(HOME)["Content-Language"] == "es"


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_each_language_is_offered_in_its_own_words(client, language):
    response = client.get(HOME, headers={"accept-language": language})

    offered = re.findall(r'lang="(..)"[^>]*>(\w+)</button>', response.text)
    assert offered == [("en", "English"), ("de", "Deutsch"), ("es", "Español")]


@pytest.mark.parametrize("sent", [{"language": "fr"}, {"language": "xx"}, {"language": ""}, {}])
def test_a_language_that_the_site_does_not_speak_changes_nothing(client, sent):
    person = UserFactory(language="de")
    client.force_login(person)

    response = client.post(SWITCH, sent)

    person.refresh_from_db()
    assert (response.status_code, person.language) == (302, "de")
    assert "django_language" not in response.cookies


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "javascript:x", ""])
def test_the_way_back_stays_on_the_site(client, page):
    response = client.post(SWITCH, {"language": "de"}, headers={"referer": page})

    assert response["Location"] == reverse("meetings:home")


def test_the_switch_is_a_post_with_csrf_protection():
    strict = Client(enforce_csrf_checks=True)

    assert strict.get(SWITCH).status_code == 405
    assert strict.post(SWITCH, {"language": "de"}).status_code == 403


def test_every_page_offers_the_languages_without_javascript(client):
    page = client.get(HOME).text

    for code, name in (("en", "English"), ("de", "Deutsch"), ("es", "Español")):
        assert f'value="{code}"' in page
        assert f">{name}</button>" in page


def test_who_signs_up_keeps_the_browser_s_language_and_clock(client):
    sent = {
        "name": "Ada",
        "email": "ada@example.com",
        "password1": PASSWORD,
        "timezone": "America/Bogota",
    }

    client.post(reverse("account_signup"), sent, headers={"accept-language": "es-CO,es;q=0.9"})

    person = User.objects.get(email="ada@example.com")
    assert (person.language, person.clock, person.timezone) == ("es", "12", "America/Bogota")
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("clock", "text"), [("12", "9:00 PM"), ("24", "21:00")])
def test_a_page_shows_times_on_the_person_s_clock(client, clock, text):
    meeting = MeetingFactory(scheduled_at=EVENING, learner=UserFactory(clock=clock))
    client.force_login(meeting.learner)

    page = client.get(
        reverse("meetings:meeting", args=[meeting.pk]), headers={"accept-language": "en-US"}
    ).text

    assert f">{text}</time>" in page


def test_the_reader_of_one_request_is_forgotten_in_the_next(client):
    client.force_login(UserFactory(language="de", clock="12"))
    client.get(HOME)

    response = Client().get(HOME)

    assert response["Content-Language"] == "en"
