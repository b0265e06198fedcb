import pytest
from django.urls import reverse

from tests.factories import MentorFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_home_shows_the_best_rated_mentors_and_their_skills(client):
    for name, total in (("Ada", 50), ("Bo", 45), ("Cy", 40), ("Dee", 10)):
        MentorFactory(
            user=UserFactory(name=name), rating_sum=total, rating_count=10, skills=["C++"]
        )

    response = client.get("/")

    assert [card.profile.user.name for card in response.context["cards"]] == ["Ada", "Bo", "Cy"]
    assert 'action="/mentors/"' in response.text
    assert 'href="/mentors/?skill=c%2B%2B"' in response.text


def test_home_without_mentors_invites_the_first(client):
    response = client.get("/")

    assert response.status_code == 200
    assert reverse("accounts:mentor_profile") in response.text


def test_home_does_not_ask_mentors_to_become_one(client):
    client.force_login(MentorFactory().user)

    assert "Become a mentor" not in client.get("/").text


@pytest.mark.parametrize("count", [1, 30])
def test_home_takes_four_queries(client, count, django_assert_num_queries):
    MentorFactory.create_batch(count, skills=["Python"], languages=["en"])

    with django_assert_num_queries(4):
        client.get("/")


def test_home_changes_nothing(client):
    assert client.post("/").status_code == 405
