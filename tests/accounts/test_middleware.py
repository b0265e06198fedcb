import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

HALF_A_CHARACTER = "+2AA-"  # U+D800 in UTF-7


@pytest.mark.parametrize("told", ["Pacific/Auckland", "Pacific%2FAuckland"])
def test_a_visitor_sees_the_zone_that_the_browser_told(client, told):
    client.cookies["tz"] = told

    response = client.get(reverse("meetings:home"))

    assert response.context["viewer_zone"] == "Pacific/Auckland"


@pytest.mark.parametrize("told", ["", "Mars/Olympus", "../../etc/passwd", "%00"])
def test_a_zone_that_is_none_is_utc(client, told):
    client.cookies["tz"] = told

    assert client.get(reverse("meetings:home")).context["viewer_zone"] == "UTC"


def test_pages_made_for_one_person_are_private(client):
    client.force_login(UserFactory())

    private = client.get(reverse("meetings:dashboard"))
    public = Client().get(reverse("meetings:home"))

    assert private["Cache-Control"] == "private"
    assert not public.has_header("Cache-Control")


def test_too_many_failed_log_ins_answer_429_and_when_to_come_back(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/5m/key"}
    UserFactory(email="lena@example.com")
    sent = {"login": "lena@example.com", "password": "wrong"}

    answers = [client.post(reverse("account_login"), sent) for _n in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"


def part(name, value):
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


@pytest.fixture
def browser():
    """A client that returns error responses instead of raising."""
    return Client(raise_request_exception=False)


def test_another_encoding_than_utf_8_is_refused_in_an_address(browser):
    query = "q=%2B2AA-"

    response = browser.get(f"/mentors/?{query}", CONTENT_TYPE="text/plain; charset=utf-7")

    assert response.status_code == 400
    assert "Content-Security-Policy" in response.headers


def test_another_encoding_than_utf_8_is_refused_in_a_form(browser):
    person = UserFactory(name="Ada")
    browser.force_login(person)
    form = part("name", HALF_A_CHARACTER) + part("timezone", "UTC") + "--x--\r\n"

    response = browser.generic(
        "POST", "/settings/", form, content_type="multipart/form-data; boundary=x; charset=utf-7"
    )

    assert response.status_code == 400
    person.refresh_from_db()
    assert person.name == "Ada"


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "no-such-thing"])
def test_utf_8_by_any_name_is_fine(charset, browser):
    response = browser.get("/mentors/?q=%C3%A9", CONTENT_TYPE=f"text/plain; charset={charset}")

    assert response.status_code == 200
