from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.models import Meeting
from meetings.views.dashboard import TITLES
from tests.factories import MONDAY, MentorFactory, UserFactory, completed_meeting
from tests.meetings.views.browsing import make_life

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
URL = reverse("meetings:dashboard")


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def learner(client):
    person = UserFactory()
    client.force_login(person)
    return person


@pytest.fixture
def mentor():
    return MentorFactory().user


def test_past_ones_are_paged_and_a_bad_number_falls_to_the_nearest(client, learner, mentor):
    for n in range(30):
        completed_meeting(mentor, learner, start=MONDAY - (n + 1) * DAY)
    pages = {}

    for asked in ("1", "2", "3", "4", "99999999999999999999", "0", "-3", "two", "", "1.5"):
        page = client.get(URL, {"page": asked}).context["page"]
        pages[asked] = (page.number, len(page))

    last = (3, 6)
    assert pages == {
        "1": (1, 12),
        "2": (2, 12),
        "3": last,
        "4": last,
        "99999999999999999999": last,
        "0": (1, 12),
        "-3": (1, 12),
        "two": (1, 12),
        "": (1, 12),
        "1.5": (1, 12),
    }


def test_long_lists_are_cut_and_can_be_seen_whole(client, learner, mentor):
    make_life(learner, mentor, 20)

    overview = client.get(URL)

    page = overview.content.decode()
    assert len(overview.context["upcoming"]) == 12
    assert len(overview.context["unanswered"]) == len(overview.context["unrated"]) == 3
    for show in ("upcoming", "unanswered", "unrated"):
        assert f'href="?show={show}"' in page
        response = client.get(URL, {"show": show, "page": "2"})
        assert (response.status_code, len(response.context["cards"])) == (200, 8)
    past = client.get(URL, {"show": "past", "page": "2"})
    assert len(past.context["cards"]) == 12
    assert client.get(URL, {"show": "nonsense"}).context["next"]


def queries_of(client, **params):
    with CaptureQueriesContext(connection) as queries:
        client.get(URL, params)
    return len(queries)


def test_the_number_of_queries_does_not_grow(client, learner, mentor):
    looks = [{}, {"role": "learner"}, *({"show": show} for show in TITLES)]
    make_life(learner, mentor, 1)
    with_few = [queries_of(client, **look) for look in looks]
    Meeting.objects.all().delete()
    make_life(learner, mentor, 60)

    with_many = [queries_of(client, **look) for look in looks]

    assert with_many == with_few
    assert max(with_many) <= 8
