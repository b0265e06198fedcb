from meetings.models.busy import BusyCell
from meetings.models.busy_times import BusyTime
from meetings.models.heartbeat import Heartbeat
from meetings.models.hours import DayOff, ExtraHours, WeeklyHours
from meetings.models.idempotency import RequestKey
from meetings.models.meeting import Meeting
from meetings.models.notes import PrivateNote
from meetings.models.notification import Notification
from meetings.models.settled import SettledCopy

__all__ = [
    "BusyCell",
    "BusyTime",
    "DayOff",
    "ExtraHours",
    "Heartbeat",
    "Meeting",
    "Notification",
    "PrivateNote",
    "RequestKey",
    "SettledCopy",
    "WeeklyHours",
]
