import pytest
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

BY_SYSTEM = 'media="(prefers-color-scheme: dark)"'


def test_a_chosen_scheme_is_remembered_for_visitors_and_people(client):
    for _visitor_then_person in range(2):
        response = client.post(
            reverse("accounts:scheme"),
            {"scheme": "dark"},
            headers={"Referer": "http://testserver/mentors/?q=loops"},
        )
        page = client.get("/").text

        assert response.status_code == 302
        assert response["Location"] == "http://testserver/mentors/?q=loops"
        assert 'id="dark-scheme"\n      media="all"' in page
        assert '<meta name="color-scheme" content="dark">' in page
        client.force_login(UserFactory())


def test_the_system_decides_again_when_asked_to(client):
    client.cookies["scheme"] = "light"
    assert BY_SYSTEM not in client.get("/").text

    client.post(reverse("accounts:scheme"), {"scheme": ""})

    assert BY_SYSTEM in client.get("/").text


@pytest.mark.parametrize("told", ["pink", "", '"><script>'])
def test_what_is_no_scheme_is_the_systems(client, told):
    client.cookies["scheme"] = told

    assert BY_SYSTEM in client.get("/").text


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_off_the_site(client, to):
    response = client.post(reverse("accounts:scheme"), {"scheme": "dark"}, headers={"Referer": to})

    assert response["Location"] == "/"
