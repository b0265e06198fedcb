"""Believable times for past meetings, which are not booked but created."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User
from meetings.domain.availability import open_ranges
from meetings.domain.grid import (
    Interval,
    cell_after,
    cell_of,
    cells_in,
    cells_of,
    instant_of,
)
from meetings.scheduling.free_slots import availabilities

# When people are awake, on their own clocks.
WAKING_HOURS = range(7, 22)
LOOK_BACK = timedelta(days=21)


def is_waking_time(moment: datetime, zone: ZoneInfo) -> bool:
    return moment.astimezone(zone).hour in WAKING_HOURS


class Diary:
    """Finds times in the mentors' hours, and uses each person's time only once."""

    def __init__(self) -> None:
        self._taken: set[tuple[uuid.UUID, int]] = set()

    def time_before(
        self, moment: datetime, mentor: User, learner: User, duration: int
    ) -> datetime | None:
        """Reserve the latest time that ends by moment; returns its start, None if there is none."""
        window = Interval(moment - LOOK_BACK, moment)
        hours = availabilities({mentor.pk: mentor.zone}, window)[mentor.pk]
        first, last = cell_after(window.start), cell_of(window.end)
        length = cells_in(duration)
        for each in reversed(open_ranges(hours, first, last)):
            for cell in reversed(each.starts(cells_in(mentor.booking_rules.step))):
                start = instant_of(cell)
                if cell + length > min(each.end, last) or not is_waking_time(start, learner.zone):
                    continue
                span = Interval(start, start + timedelta(minutes=duration))
                places = {(who.pk, at) for who in (mentor, learner) for at in cells_of(span)}
                if not places & self._taken:
                    self._taken |= places
                    return start
        return None
