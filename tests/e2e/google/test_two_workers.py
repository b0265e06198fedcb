"""Two workers find the same due row at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine

from meetings.integrations.background import run_bounded
from meetings.models import CalendarEvent
from meetings.tasks import bring_calendars_up
from tests.e2e.google.events import MENTOR
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

NOW = MONDAY - timedelta(days=2)
MEETINGS = 12
WORKERS = 2


@pytest.mark.django_db(transaction=True)
def test_each_event_is_made_by_one_of_them(google, settings):
    settings.CALENDAR_WAIT = timedelta()
    settings.GOOGLE_REFRESH_TOKEN = google.consent(MENTOR, " ".join(settings.GOOGLE_SCOPES))
    mentor, learner = MentorFactory().user, UserFactory()
    ready = Barrier(WORKERS)

    def work():
        ready.wait(10)
        bring_calendars_up(NOW)

    with time_machine.travel(NOW, tick=False):
        for hour in range(MEETINGS):
            start = MONDAY + timedelta(hours=hour)
            MeetingFactory(mentor=mentor, learner=learner, scheduled_at=start)
        with ThreadPoolExecutor(WORKERS) as workers:
            done = [
                workers.submit(run_bounded, work, wait=timedelta(minutes=1))
                for _worker in range(WORKERS)
            ]
        assert [each.result() for each in done] == [True, True]

    assert not CalendarEvent.objects.behind().exists()
    inserts = [call for call in google.calls if call.startswith("events")]
    assert inserts == ["events.insert 200"] * MEETINGS
