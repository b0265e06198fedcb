import pytest
from allauth.socialaccount.models import SocialLogin
from django.core import mail
from django.urls import reverse

from accounts.adapter import MFAAdapter, SocialAccountAdapter
from accounts.models import User
from tests.factories import PASSWORD, UserFactory
from tests.meetings.api.caller import verified

NOT_SENT = "We could not send you a mail just now. If you wait for it, ask for it again"


def newcomer(rf, data, zone=""):
    """The person that Google's data describes, not stored yet."""
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


@pytest.fixture
def no_mail_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


@pytest.mark.django_db
def test_who_signs_up_while_no_mail_goes_is_told_and_can_ask_again(
    client, no_mail_server, settings, caplog
):
    about = {"name": "Ada", "email": "ada@example.com", "password1": PASSWORD, "timezone": "UTC"}
    page = client.post(reverse("account_signup"), about, follow=True)

    assert page.status_code == 200
    assert NOT_SENT in page.text
    assert "ada@" not in caplog.text
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    again = client.post(
        reverse("account_email_verification_sent"), {"action": "resend"}, follow=True
    )
    assert NOT_SENT not in again.text
    assert [each.to for each in mail.outbox] == [["ada@example.com"]]


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_who_has_forgotten_the_password_is_told_so_too(email, client, no_mail_server):
    verified(UserFactory(email="ada@example.com"))

    page = client.post(reverse("account_reset_password"), {"email": email}, follow=True)

    assert page.status_code == 200
    assert NOT_SENT in page.text


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
