from meetings.models.busy import BusyCell
from meetings.models.hours import DayOff, ExtraHours, WeeklyHours
from meetings.models.idempotency import RequestKey
from meetings.models.meeting import Meeting
from meetings.models.notes import PrivateNote

__all__ = [
    "BusyCell",
    "DayOff",
    "ExtraHours",
    "Meeting",
    "PrivateNote",
    "RequestKey",
    "WeeklyHours",
]
