"""The real site, with people who book during an outage."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import MentorProfile
from tests.e2e.races.database import as_default
from tests.e2e.races.test_api import Answer as ApiAnswer
from tests.e2e.races.test_api import call
from tests.e2e.races.visitors import Answer, Visitor, at_once
from tests.e2e.servers.web import running_site
from tests.factories import MentorFactory, UserFactory
from tests.meetings.api.caller import tokens_of

LEARNERS = 6
# How many use the API; the others use the pages.
CALLERS = 3


@dataclass
class Site:
    """The site's address, and its people."""

    base_url: str
    env: Mapping[str, str]
    mentor: MentorProfile
    visitors: list[Visitor]
    access: list[str]

    def book_at_once(self, day: int) -> list[Answer | ApiAnswer]:
        """All book at the same moment, each another time, that many days from today: `[answer]`."""
        times = iter(self.times(day))
        pages = [partial(self.book_on_page, visitor, next(times)) for visitor in self.visitors]
        calls = [partial(self.book_by_call, access, next(times)) for access in self.access]
        answers: list[Answer | ApiAnswer] = at_once([*pages, *calls])
        return answers

    @staticmethod
    def times(day: int) -> list[datetime]:
        """Separate times on one day, that many days from today."""
        first = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0)
        return [first + timedelta(days=day, hours=2 * n) for n in range(LEARNERS)]

    def book_on_page(self, visitor: Visitor, start: datetime) -> Answer:
        return visitor.post(
            f"/book-session/{self.mentor.pk}/",
            start=start.isoformat(),
            duration=60,
            subject="Loops",
            description="",
            form_key=uuid4(),
        )

    def book_by_call(self, access: str, start: datetime) -> ApiAnswer:
        body: dict[str, Any] = {
            "mentorId": str(self.mentor.pk),
            "subject": "Loops",
            "scheduledAt": start.isoformat(),
            "duration": 60,
        }
        return call(self.base_url, "meetings/create", body, access=access)


@contextmanager
def site_on(url: str, jobs: Path, **more: str) -> Iterator[Site]:
    """Run the site on the database at url, with its own queue. It waits a second for a lock."""
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.e2e.trouble.settings",
        "ENVIRONMENT": "test",
        "DATABASE_URL": url,
        "DATABASE_TIMEOUT": "1",
        "JOBS_FILE": str(jobs),
        "LOG_LEVEL": "CRITICAL",
        "CALENDAR_WAIT": "0",
        "RATE_LOGIN": "1000/m/ip",
        **more,
    }
    with running_site(env) as base_url, as_default(url):
        mentor = MentorFactory(horizon=180)
        page = f"/book-session/{mentor.pk}/"
        people = [UserFactory() for _n in range(LEARNERS)]
        yield Site(
            base_url=base_url,
            env=env,
            mentor=mentor,
            visitors=[Visitor.logged_in(each, base_url, page) for each in people[CALLERS:]],
            access=[tokens_of(each)["access_token"] for each in people[:CALLERS]],
        )
