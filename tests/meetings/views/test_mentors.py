import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from meetings.scheduling.next_free import refresh_next_free
from tests.factories import (
    MONDAY,
    MeetingFactory,
    MentorFactory,
    UserFactory,
    completed_meeting,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


def names(response):
    return [card.profile.user.name for card in response.context["cards"]]


def mentor(name, **fields):
    return MentorFactory(user=UserFactory(name=name), **fields)


def test_directory_filters_and_offers_what_there_is(client):
    mentor("Ada", skills=["C++"], languages=["en"])
    mentor("Bo", skills=["Baking"], languages=["de", "en"])

    response = client.get("/mentors/", {"skill": "c++", "language": "en"})

    assert names(response) == ["Ada"]
    form = response.context["form"]
    assert list(form.fields["skill"].choices) == [
        ("", "Any"),
        ("baking", "Baking (1)"),
        ("c++", "C++ (1)"),
    ]
    assert list(form.fields["language"].choices) == [
        ("", "Any"),
        ("en", "English (2)"),
        ("de", "German (1)"),
    ]
    assert '<option value="c++" selected>' in response.text


def test_directory_filters_by_a_day_of_the_viewer(client):
    # 22:00 to 23:00 on Monday in New York is Tuesday in Tokyo.
    owl = UserFactory(name="Owl", timezone="America/New_York")
    MentorFactory(user=owl, weekly={0: [(1320, 1380)]})
    client.force_login(UserFactory(timezone="Asia/Tokyo"))

    assert names(client.get("/mentors/", {"day": "2027-03-02"})) == ["Owl"]
    assert names(client.get("/mentors/", {"day": "2027-03-03"})) == []


def test_directory_sorts(client):
    late = mentor("Late", rating_sum=50, rating_count=10, weekly={4: [(0, 1440)]})
    soon = mentor("Soon")
    refresh_next_free([late.pk, soon.pk])

    assert names(client.get("/mentors/")) == ["Late", "Soon"]
    assert names(client.get("/mentors/", {"sort": "rating"})) == ["Late", "Soon"]
    assert names(client.get("/mentors/", {"sort": "next"})) == ["Soon", "Late"]


def test_directory_shows_the_next_free_time_in_the_viewers_zone(client):
    profile = mentor("Soon", weekly={0: [(780, 840)]})
    refresh_next_free([profile.pk])
    client.cookies["tz"] = "Asia/Kathmandu"

    response = client.get("/mentors/")

    assert "Mon 1 Mar, 18:45" in response.text
    assert "Free times are shown in Asia/Kathmandu." in response.text


@pytest.mark.parametrize(
    "query",
    [
        "sort=best",
        "page=abc",
        "page=0",
        "page=-1",
        "page=999",
        "page=",
        "q=%00",
        "q=" + "x" * 101,
        "q=%25_%27%22%3Cb%3E%5C",
        "skill=%00",
        "skill=" + "x" * 61,
        "language=%FF",
        "day=tomorrow",
        "day=2027-02-30",
        "day=2027-02-28",
        "day=0001-01-01",
        "day=9999-12-31",
        "day=2028-03-01",
        "unknown=1",
        "q=a&q=b&sort=next&sort=rating",
    ],
)
def test_directory_takes_whatever_the_address_says(client, query):
    mentor("Ada")

    response = client.get(f"/mentors/?{query}")

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("day=tomorrow", "The day was left out: it is not a date."),
        ("day=2027-02-28", "The day was left out: it is over."),
        ("day=2028-03-01", "The day was left out: mentors plan 180 days ahead at most."),
    ],
)
def test_directory_leaves_a_wrong_day_out_and_says_so(client, query, problem):
    mentor("Ada", skills=["Python"])
    mentor("Bo")

    response = client.get(f"/mentors/?skill=python&{query}")

    assert names(response) == ["Ada"]
    assert problem in response.text


def test_directory_pages_keep_the_filters(client):
    MentorFactory.create_batch(13, skills=["Python"])

    first = client.get("/mentors/?skill=python")
    last = client.get("/mentors/?skill=python&page=99")

    assert (len(names(first)), len(names(last))) == (12, 1)
    assert 'href="?skill=python&amp;page=2"' in first.text
    assert "13 mentors found" in last.text
    assert not set(names(first)) & set(names(last))


def test_directory_keeps_a_skill_that_nobody_has_any_more(client):
    mentor("Ada")

    response = client.get("/mentors/?skill=alchemy")

    assert "No mentor fits all of that" in response.text
    assert '<option value="alchemy" selected>' in response.text


def test_directory_without_mentors_says_so(client):
    assert "Nobody mentors here yet" in client.get("/mentors/").text


def test_directory_shows_text_as_text(client):
    mentor("<b>Ada</b>", headline="<script>alert(1)</script>", skills=["<i>C</i>"])

    text = client.get("/mentors/?q=%3Cscript%3E").text

    assert "<b>Ada" not in text
    assert "<script>alert" not in text
    assert "<i>C" not in text


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("query", "queries"), [("", 4), ("?sort=next", 4), ("?day=2027-03-02", 9)])
def test_directory_asks_the_same_for_one_and_for_many(
    client, count, query, queries, django_assert_num_queries
):
    MentorFactory.create_batch(count, skills=["Python"], languages=["en"])

    with django_assert_num_queries(queries):
        response = client.get(f"/mentors/{query}")

    assert response.context["page"].paginator.count == count


def test_mentor_page_tells_what_a_learner_needs(client):
    profile = mentor(
        "Ada Lovelace",
        headline="Engines",
        bio="First line\n\nSecond <b>line</b>",
        skills=["C++"],
        languages=["en"],
        durations=[90, 60],
        notice=120,
    )
    profile.user.timezone = "Asia/Tokyo"
    profile.user.save()

    response = client.get(profile.get_absolute_url())

    text = response.text
    for part in (
        "Ada Lovelace",
        "Engines",
        "Second &lt;b&gt;line&lt;/b&gt;",
        'href="/mentors/?skill=c%2B%2B"',
        "English",
        "1 hour, 1.5 hours",
        "Book at least 2 hours ahead",
        "21:00 now in Asia/Tokyo",
        "Book a session",
    ):
        assert part in text


def test_mentor_page_links_the_first_free_times_to_the_booking(client):
    profile = mentor("Ada", notice=60)
    MeetingFactory(mentor=profile.user, scheduled_at=MONDAY + timedelta(hours=1), duration=60)
    client.cookies["tz"] = "Asia/Kathmandu"

    response = client.get(profile.get_absolute_url())

    (day,) = response.context["days"].values()
    assert [slot.start for slot in day] == [
        MONDAY + timedelta(hours=2, minutes=30 * n) for n in range(6)
    ]
    booking = reverse("meetings:book", args=[profile.pk])
    href = f"{booking}?day=2027-03-01&amp;duration=30&amp;start=2027-03-01T14:00:00Z"
    assert f'href="{href}"' in response.text
    assert ">19:45</a>" in response.text


def test_mentor_page_leaves_out_when_the_viewer_is_busy(client):
    profile, learner = mentor("Ada"), UserFactory()
    MeetingFactory(learner=learner, scheduled_at=MONDAY, duration=60)
    client.force_login(learner)

    response = client.get(profile.get_absolute_url())

    (day,) = response.context["days"].values()
    assert day[0].start == MONDAY + timedelta(hours=1)


def test_mentor_page_never_shows_room_or_address(client):
    profile = mentor("Ada", room_url="https://rooms.example.org/ada-secret")
    client.force_login(UserFactory())

    text = client.get(profile.get_absolute_url()).text

    assert "ada-secret" not in text
    assert profile.user.email not in text


def test_mentor_page_shows_reviews_with_short_names_a_page_at_a_time(client):
    profile = mentor("Ada", rating_sum=44, rating_count=11)
    for n in range(11):
        learner = UserFactory(name=f"Lea{n} Family{n}")
        completed_meeting(
            profile.user,
            learner,
            start=MONDAY - timedelta(days=n + 1),
            rating=4,
            feedback=f"Said <{n}>",
        )
    completed_meeting(profile.user, UserFactory(name="Silent"), start=MONDAY - timedelta(days=30))

    first = client.get(profile.get_absolute_url())
    second = client.get(profile.get_absolute_url(), {"page": "2"})

    assert "11 reviews" in first.text
    assert "Said &lt;0&gt;" in first.text
    assert "Lea0" in first.text
    assert "Family" not in first.text
    assert "Silent" not in first.text
    assert [meeting.feedback for meeting in second.context["reviews"]] == ["Said <10>"]
    assert client.get(profile.get_absolute_url(), {"page": "x"}).status_code == 200


def test_mentors_see_their_own_page_without_booking(client):
    profile = mentor("Ada")
    client.force_login(profile.user)

    text = client.get(profile.get_absolute_url()).text

    assert "Edit profile" in text
    assert reverse("meetings:book", args=[profile.pk]) not in text


def test_mentor_page_without_free_times_says_so(client):
    assert "No free time" in client.get(mentor("Ada", weekly={}).get_absolute_url()).text


def test_who_is_not_listed_or_active_is_not_there(client):
    hidden = (
        mentor("Unlisted", is_listed=False).pk,
        MentorFactory(user=UserFactory(is_active=False)).pk,
        UserFactory().pk,
        uuid.uuid4(),
    )

    statuses = [client.get(reverse("meetings:mentor", args=[pk])).status_code for pk in hidden]

    assert statuses == [404, 404, 404, 404]


@pytest.mark.parametrize("meetings", [0, 25])
def test_mentor_page_takes_ten_queries_whatever_the_history(
    client, meetings, django_assert_num_queries
):
    profile = mentor("Ada", skills=["Python"], languages=["en"])
    client.force_login(UserFactory())
    for n in range(meetings):
        start = MONDAY - timedelta(days=n + 1)
        completed_meeting(profile.user, UserFactory(), start=start, rating=5)

    with django_assert_num_queries(10 if meetings else 9):
        client.get(profile.get_absolute_url())
