"""Bringing a meeting's event up, as the worker does."""

from meetings.calendars.sync import match


def match_calendar(meeting, **options):
    """Make the event match; whether it does, with the meeting as it is afterwards."""
    event = match(meeting.calendar_event.pk, **options)
    meeting.refresh_from_db()
    return not event.is_behind
