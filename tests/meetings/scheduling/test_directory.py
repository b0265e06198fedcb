from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import MentorProfile
from meetings.domain.grid import Interval
from meetings.scheduling.directory import Facet, facets, free_within, search
from meetings.scheduling.next_free import refresh_next_free
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)
TUESDAY = Interval(datetime(2027, 3, 2, tzinfo=UTC), datetime(2027, 3, 3, tzinfo=UTC))


def found(**wanted):
    return [profile.user.name for profile in search(now=NOW, **wanted)]


def mentor(name, **fields):
    return MentorFactory(user=UserFactory(name=name), **fields)


def test_facets_count_what_listed_mentors_have(django_assert_num_queries):
    mentor("Ada", skills=["C++", "Python"], languages=["en"])
    mentor("Bo", skills=["python", "C"], languages=["en", "de"])
    mentor("Unlisted", skills=["Python"], is_listed=False)
    MentorFactory(user=UserFactory(is_active=False), skills=["Python"])

    with django_assert_num_queries(1):
        offered = facets()

    assert offered == {
        "skill": [Facet("python", "Python", 2), Facet("c", "C", 1), Facet("c++", "C++", 1)],
        "language": [Facet("en", "English", 2), Facet("de", "German", 1)],
    }


def test_search_narrows_by_words_skill_and_language():
    mentor("Ada", headline="Loops without fear", skills=["Python"], languages=["en"])
    mentor("Émile", headline="Bread", skills=["Baking"], languages=["fr", "en"])

    assert found(words="LOOPS python") == ["Ada"]
    assert found(words="emile") == ["Émile"]
    assert found(words="loops bread") == []
    assert found(skill="baking") == ["Émile"]
    assert found(language="fr") == ["Émile"]
    assert found(skill="python", language="fr") == []


def test_search_leaves_out_who_cannot_be_booked():
    mentor("Unlisted", is_listed=False)
    MentorFactory(user=UserFactory(is_active=False))

    assert found() == []
    assert found(window=TUESDAY) == []


def test_search_sorts_by_rating_or_by_next_free():
    mentor("Late and good", rating_sum=50, rating_count=10, weekly={4: [(0, 1440)]})
    mentor("Soon and new", weekly={0: [(0, 1440)]})
    mentor("Never", rating_sum=2, rating_count=1, weekly={})
    refresh_next_free(MentorProfile.objects.values_list("pk", flat=True), NOW)

    assert found() == ["Late and good", "Soon and new", "Never"]
    assert found(is_by_next_free=True) == ["Soon and new", "Late and good", "Never"]


def test_free_within_knows_hours_terms_and_meetings():
    mentor("Free", weekly={1: [(600, 660)]})
    mentor("Other day", weekly={2: [(600, 660)]})
    mentor("Too short", weekly={1: [(600, 660)]}, durations=[90, 120])
    mentor("Far ahead", weekly={1: [(600, 660)]}, horizon=2)
    taken = mentor("Taken", weekly={1: [(600, 660)]})
    MeetingFactory(mentor=taken.user, scheduled_at=datetime(2027, 3, 2, 10, tzinfo=UTC))

    assert found(window=TUESDAY) == ["Free"]


def test_free_within_takes_the_day_of_the_viewer():
    # Monday 22:00 in New York is Tuesday morning in Tokyo.
    MentorFactory(
        user=UserFactory(name="Night", timezone="America/New_York"), weekly={0: [(1320, 1380)]}
    )
    tokyo = ZoneInfo("Asia/Tokyo")
    monday = Interval(datetime(2027, 3, 1, tzinfo=tokyo), datetime(2027, 3, 2, tzinfo=tokyo))
    tuesday = Interval(datetime(2027, 3, 2, tzinfo=tokyo), datetime(2027, 3, 3, tzinfo=tokyo))

    assert found(window=monday) == []
    assert found(window=tuesday) == ["Night"]


@pytest.mark.parametrize("count", [1, 30])
def test_free_within_asks_the_same_for_one_and_for_many(count, django_assert_num_queries):
    MentorFactory.create_batch(count)

    with django_assert_num_queries(7):
        free = free_within(MentorProfile.objects.listed(), TUESDAY, now=NOW)

    assert len(free) == count
