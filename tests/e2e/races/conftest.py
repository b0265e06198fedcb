from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from accounts.models import MentorProfile
from meetings.models import Meeting
from tests.e2e.races.database import as_default, assert_nobody_is_booked_twice, empty_database
from tests.e2e.races.visitors import Visitor
from tests.e2e.servers.web import running_site
from tests.factories import MentorFactory, UserFactory

HERE = Path(__file__).parent
LEARNERS = 50


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All races share one running site, so all of them must run on one xdist worker."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("races"))


@dataclass
class Site:
    """The running site, its database, and logged-in people."""

    base_url: str
    env: dict[str, str]
    mentors: Sequence[MentorProfile]
    as_mentors: list[Visitor]
    learners: list[Visitor]


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Site]:
    """Three processes of eight threads."""
    url = empty_database(tmp_path_factory.mktemp("race"))
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ENVIRONMENT": "test",
        "DATABASE_URL": url,
        "RATE_LIMITS": "off",
        "LOG_LEVEL": "ERROR",
    }
    with running_site(env) as base_url:
        with django_db_blocker.unblock(), as_default(url):
            site = _site(base_url, env)
        yield site


def _site(base_url: str, env: dict[str, str]) -> Site:
    # Few hours, so that the page renders quickly: the bookings are to race, not the pages.
    weekly = {day: [(9 * 60, 14 * 60)] for day in range(7)}
    mentors: list[MentorProfile] = [MentorFactory(horizon=180, weekly=weekly) for _n in range(3)]
    page = f"/book-session/{mentors[0].pk}/"
    return Site(
        base_url=base_url,
        env=env,
        mentors=mentors,
        # Not the first mentor's own page, which has no form for them.
        as_mentors=[
            Visitor.logged_in(mentor.user, base_url, f"/book-session/{mentors[n - 1].pk}/")
            for n, mentor in enumerate(mentors)
        ],
        learners=[Visitor.logged_in(UserFactory(), base_url, page) for _learner in range(LEARNERS)],
    )


@pytest.fixture(autouse=True)
def nobody_is_booked_twice(site: Site, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Start without meetings, and check all meetings at the end. The models use the site's database
    only meanwhile, since the same xdist worker runs other tests too."""
    with django_db_blocker.unblock(), as_default(site.env["DATABASE_URL"]):
        Meeting.objects.all().delete()
        yield
        assert_nobody_is_booked_twice()
