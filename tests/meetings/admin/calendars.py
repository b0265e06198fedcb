"""Calendar backends for tests, set in settings.CALENDAR_BACKEND by dotted path."""

from meetings.integrations.calendar import CalendarError
from meetings.integrations.local import LocalCalendar

BROKEN = f"{__name__}.BrokenCalendar"


class BrokenCalendar(LocalCalendar):
    """A calendar that cannot be reached."""

    keeps_nothing = False

    def put(self, event, *, timeout):
        raise CalendarError("no answer")

    def delete(self, uid, *, timeout):
        raise CalendarError("no answer")
