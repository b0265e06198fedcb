import pytest
from allauth.socialaccount.models import SocialLogin
from django.urls import reverse

from accounts.adapter import MFAAdapter, SocialAccountAdapter
from accounts.models import User


def newcomer(rf, data, zone=""):
    """The person whom Google has told of, not stored yet."""
    request = rf.get("/")
    request.COOKIES["tz"] = zone
    login = SocialLogin(user=User())
    return SocialAccountAdapter().populate_user(request, login, data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"email": "ada@example.com", "name": "Ada Byron"}, "Ada Byron"),
        ({"email": "ada@example.com", "first_name": "Ada", "last_name": "Byron"}, "Ada Byron"),
        ({"email": "ada@example.com", "first_name": "Ada"}, "Ada"),
        ({"email": "ada@example.com"}, "ada"),
        ({"email": "ada@example.com", "name": " Ada\n\u202eByron\x00"}, "Ada Byron"),
        ({"email": "ada@example.com", "name": "a" * 300}, "a" * 100),
    ],
)
def test_who_comes_by_google_has_a_name(data, name, rf):
    assert newcomer(rf, data).name == name


@pytest.mark.parametrize(
    ("told", "zone"), [("Asia/Tokyo", "Asia/Tokyo"), ("Nowhere", "UTC"), ("", "UTC")]
)
def test_who_comes_by_google_has_the_browser_s_zone(told, zone, rf):
    assert newcomer(rf, {"email": "ada@example.com"}, zone=told).timezone == zone


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["google_login", "google_callback", "google_login_by_token"])
def test_without_credentials_signing_in_with_google_does_not_exist(name, client):
    assert client.get(reverse(name)).status_code in (404, 405)
    assert client.post(reverse(name), {"credential": "x"}).status_code == 404


def test_second_factors_are_not_stored_in_plain_text():
    adapter = MFAAdapter()

    stored = adapter.encrypt("JBSWY3DPEHPK3PXP")

    assert "JBSWY3DPEHPK3PXP" not in stored
    assert adapter.decrypt(stored) == "JBSWY3DPEHPK3PXP"
