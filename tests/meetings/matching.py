"""Updates a meeting's calendar event, as the worker does."""

from meetings.calendars.sync import sync_event


def match_calendar(meeting, **options):
    """Make the event match, and reload the meeting; return whether the event matches."""
    event = sync_event(meeting.calendar_event.pk, **options)
    meeting.refresh_from_db()
    return not event.is_behind
