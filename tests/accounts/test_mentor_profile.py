import pytest
from django.urls import reverse

from accounts.models import MentorProfile
from tests.factories import MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/settings/mentor/"
VALID = {
    "headline": "Engines, explained",
    "bio": "Line one\nLine two",
    "skills": "Python, python , C++,\nGuitar,, C",
    "languages": ["en", "de"],
    "room_url": "https://rooms.example.org/ada",
    "is_listed": "on",
}


def test_anyone_becomes_a_mentor_and_goes_on_to_the_hours(client):
    person = UserFactory(name="Ada")
    client.force_login(person)

    response = client.post(URL, VALID, follow=True)

    assert response.redirect_chain == [(reverse("meetings:availability"), 302)]
    assert "You are a mentor now." in response.text
    profile = MentorProfile.objects.listed().get()
    assert profile.pk == person.pk
    assert profile.skills == ["Python", "C++", "Guitar", "C"]
    assert profile.languages == ["en", "de"]
    assert sorted(tag.slug for tag in profile.tags.all()) == [
        "c",
        "c++",
        "de",
        "en",
        "guitar",
        "python",
    ]
    assert MentorProfile.objects.matching("ada engines guitar").exists()


def test_a_mentor_changes_the_profile_and_nothing_else(client):
    mentor = MentorFactory(skills=["Old"], durations=[120], rating_sum=9, rating_count=2)
    client.force_login(mentor.user)

    response = client.post(URL, VALID | {"is_listed": ""})

    assert response["Location"] == URL
    mentor.refresh_from_db()
    assert (mentor.headline, mentor.is_listed) == ("Engines, explained", False)
    assert (mentor.rating_sum, mentor.rating_count) == (9, 2)
    assert mentor.user.session_types.get().durations == [120]
    assert mentor.tags.filter(slug="old").count() == 0


def test_the_page_shows_what_is_stored(client):
    mentor = MentorFactory(skills=["C++", "Guitar"], languages=["de"])
    client.force_login(mentor.user)

    response = client.get(URL)

    assert "C++, Guitar</textarea>" in response.text
    assert response.context["form"].fields["languages"].choices[0] == ("de", "German")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"headline": ""}, "headline"),
        ({"headline": "x" * 121}, "headline"),
        ({"headline": "two\nlines"}, "headline"),
        ({"bio": "x" * 5_001}, "bio"),
        ({"bio": "bell \x07"}, "bio"),
        ({"skills": ""}, "skills"),
        ({"skills": " , ,"}, "skills"),
        ({"skills": ",".join(f"skill {n}" for n in range(21))}, "skills"),
        ({"skills": "x" * 41}, "skills"),
        ({"skills": "tab\tbed"}, "skills"),
        ({"skills": "nul\x00"}, "skills"),
        ({"skills": "turn\u202eed"}, "skills"),
        ({"skills": "+++"}, "skills"),
        ({"languages": []}, "languages"),
        ({"languages": ["xx"]}, "languages"),
        ({"room_url": "http://rooms.example.org/ada"}, "room_url"),
        ({"room_url": "javascript:alert(1)"}, "room_url"),
        ({"room_url": "ftp://example.org"}, "room_url"),
        ({"room_url": "https://"}, "room_url"),
        ({"room_url": "https://example.org/" + "x" * 500}, "room_url"),
    ],
)
def test_what_is_wrong_comes_back_and_stores_nothing(client, change, wrong):
    client.force_login(UserFactory())

    response = client.post(URL, VALID | change)

    assert list(response.context["form"].errors) == [wrong]
    assert not MentorProfile.objects.exists()


def test_a_room_without_a_scheme_is_an_https_one(client):
    client.force_login(UserFactory())

    client.post(URL, VALID | {"room_url": "rooms.example.org/ada"})

    assert MentorProfile.objects.get().room_url == "https://rooms.example.org/ada"


def test_the_profile_belongs_to_who_is_logged_in(client):
    mentor = MentorFactory(headline="Mine")

    response = client.post(URL, VALID)

    assert response["Location"].startswith(reverse("account_login"))
    mentor.refresh_from_db()
    assert mentor.headline == "Mine"
