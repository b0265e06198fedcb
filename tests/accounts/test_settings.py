import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import MentorProfile
from meetings.scheduling.next_free import refresh_next_free
from tests.factories import MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/settings/"
SENT = {"name": "Ada", "language": "en", "timezone": "UTC", "clock": "24"}


def test_settings_lead_to_everything_about_the_account(client):
    client.force_login(UserFactory())

    text = client.get(URL).text

    for name in (
        "account_email",
        "account_change_password",
        "mfa_index",
        "usersessions_list",
        "accounts:mentor_profile",
    ):
        assert f'href="{reverse(name)}"' in text
    assert "Become a mentor" in text


def test_settings_tell_truly_where_meetings_take_place(client, settings):
    settings.ROOM_URL_TEMPLATE = "https://rooms.example.org/p2p-{room}"
    mentor = MentorFactory(room_url="https://my.example.net/secret-room")
    client.force_login(mentor.user)

    text = client.get(URL).text

    assert "your own room on my.example.net" in text
    assert "open video room on rooms.example.org" in text
    assert "secret-room" not in text
    assert "is not connected" in text


def test_name_and_zone_are_saved(client):
    person = UserFactory()
    client.force_login(person)

    response = client.post(
        URL, SENT | {"name": "Ada L.", "timezone": "Asia/Kathmandu"}, follow=True
    )

    person.refresh_from_db()
    assert (person.name, person.timezone) == ("Ada L.", "Asia/Kathmandu")
    assert "Your settings are saved." in response.text
    assert "Times are shown in the time zone Asia/Kathmandu." in response.text


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"language": "fr"}, "language"),
        ({"clock": "13"}, "clock"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
    ],
)
def test_what_is_wrong_comes_back_and_changes_nothing(client, change, wrong):
    person = UserFactory(name="Ada")
    client.force_login(person)

    response = client.post(URL, SENT | change)

    assert list(response.context["form"].errors) == [wrong]
    person.refresh_from_db()
    assert (person.name, person.timezone) == ("Ada", "UTC")


def test_nobody_makes_themselves_staff(client):
    person = UserFactory()
    client.force_login(person)

    client.post(URL, SENT | {"is_staff": "on", "email": "x@example.com"})

    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser) == (False, False)
    assert person.email != "x@example.com"


def test_a_zone_by_an_old_name_can_be_kept(client):
    person = UserFactory(timezone="US/Eastern")
    client.force_login(person)

    client.post(URL, SENT | {"timezone": "US/Eastern"})

    person.refresh_from_db()
    assert (person.name, person.timezone) == ("Ada", "US/Eastern")


def test_a_mentor_is_found_by_the_new_name_and_worked_out_in_the_new_zone(client):
    mentor = MentorFactory(skills=["Python"], rating_sum=4, rating_count=1)
    refresh_next_free([mentor.pk])
    client.force_login(mentor.user)

    response = client.post(URL, SENT | {"name": "Zoë Quick", "timezone": "Asia/Tokyo"})

    assert response.status_code == 302
    profile = MentorProfile.objects.matching("zoe python").get()
    assert profile.next_free_until is None
    assert (profile.rating_sum, profile.rating_count) == (4, 1)
    assert profile.tags.count() == 1
    assert "Your weekly hours are clock times in it" in client.get(URL).text


def test_settings_need_a_log_in_and_a_token(client):
    person = UserFactory(name="Ada")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)

    assert client.get(URL)["Location"].startswith(reverse("account_login"))
    assert strict.post(URL, SENT | {"name": "Eve"}).status_code == 403
    person.refresh_from_db()
    assert person.name == "Ada"
