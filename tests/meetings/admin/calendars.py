"""Calendars that do what a test needs; named by their paths in settings.CALENDAR_BACKEND."""

from meetings.services.calendar import CalendarError
from meetings.services.local import LocalCalendar

BROKEN = f"{__name__}.BrokenCalendar"


class BrokenCalendar(LocalCalendar):
    """One that cannot be reached."""

    def put(self, event, *, timeout):
        raise CalendarError("no answer")

    def delete(self, uid, *, timeout):
        raise CalendarError("no answer")
