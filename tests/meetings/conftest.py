from typing import cast

import pytest

from meetings.services.calendar import calendar_backend
from tests.meetings.calendars import FakeCalendar


@pytest.fixture
def calendar(settings):
    """The fake calendar in place of the real one, empty."""
    settings.CALENDAR_BACKEND = "tests.meetings.calendars.FakeCalendar"
    fake = cast(FakeCalendar, calendar_backend())
    fake.clear()
    return fake
