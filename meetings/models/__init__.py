from meetings.models.booking_rules import BookingRules
from meetings.models.busy_cell import BusyCell
from meetings.models.calendar_event import CalendarEvent
from meetings.models.event_log import MeetingEvent
from meetings.models.external_busy import ExternalBusy
from meetings.models.heartbeat import Heartbeat
from meetings.models.hours import DayOff, ExtraHours, WeeklyHours
from meetings.models.meeting import Meeting
from meetings.models.notification import Notification
from meetings.models.private_note import PrivateNote
from meetings.models.request_key import RequestKey
from meetings.models.restored_copy import RestoredCopy
from meetings.models.session_type import SessionType

__all__ = [
    "BookingRules",
    "BusyCell",
    "CalendarEvent",
    "DayOff",
    "ExternalBusy",
    "ExtraHours",
    "Heartbeat",
    "Meeting",
    "MeetingEvent",
    "Notification",
    "PrivateNote",
    "RequestKey",
    "RestoredCopy",
    "SessionType",
    "WeeklyHours",
]
