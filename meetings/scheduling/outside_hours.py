"""Meetings that were booked before the mentor changed the hours, and that stay."""

from datetime import datetime

from accounts.models import User
from meetings.domain.availability import masks
from meetings.domain.grid import Interval, block, cell_after, cell_of
from meetings.models import Meeting
from meetings.scheduling.free_slots import availabilities


def meetings_outside_hours(mentor: User, now: datetime) -> list[Meeting]:
    """The mentor's upcoming meetings outside the current hours, soonest first.

    Four queries, which do not read the history.
    """
    meetings = list(Meeting.objects.filter(mentor=mentor).upcoming(now))
    if not meetings:
        return []
    window = Interval(meetings[0].scheduled_at, max(each.ends_at for each in meetings))
    hours = availabilities({mentor.pk: mentor.zone}, window)[mentor.pk]
    first, last = cell_of(window.start), cell_after(window.end)
    is_open, _starts = masks(hours, first, last, 1)
    outside = []
    for meeting in meetings:
        start = cell_of(meeting.scheduled_at)
        needed = block(start - first, cell_after(meeting.ends_at) - start)
        if is_open & needed != needed:
            outside.append(meeting)
    return outside
