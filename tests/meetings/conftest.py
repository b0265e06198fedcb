from typing import cast

import pytest

from meetings.integrations.calendar import calendar_backend
from tests.meetings.fake_calendars import FakeCalendar


@pytest.fixture
def calendar(settings):
    """The fake calendar in place of the real one, emptied."""
    settings.CALENDAR_BACKEND = "tests.meetings.fake_calendars.FakeCalendar"
    fake = cast(FakeCalendar, calendar_backend())
    fake.clear()
    return fake
