"""How long the free slots of a month take, and that a mentor's past does not matter to it.

Plain Python: no database, no clock.
"""

import timeit
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from meetings.domain.availability import Availability
from meetings.domain.grid import Interval, cell_of
from meetings.domain.slots import Schedule, Terms

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
# The month in which this zone changes its clock.
ZONE = ZoneInfo("Europe/Zurich")
MONTH = Interval(datetime(2027, 3, 1, tzinfo=ZONE), datetime(2027, 4, 1, tzinfo=ZONE))
WEEKDAYS = {day: [(9 * 60, 12 * 60), (13 * 60, 18 * 60)] for day in range(5)}
ROUNDS = 200


def main() -> None:
    for meetings in (0, 100, 20_000):
        schedule = _schedule(meetings)
        look_up = partial(schedule.slots, MONTH, 60, now=NOW)
        seconds = min(timeit.repeat(look_up, number=ROUNDS, repeat=3))
        found = len(look_up())
        print(
            f"a month of slots, {meetings:>6} past meetings: "
            f"{seconds / ROUNDS * 1000:6.2f} ms, {found} slots"
        )


def _schedule(past_meetings: int) -> Schedule:
    """A busy mentor: every third hour ahead is taken, and so was every hour before."""
    terms = Terms(
        durations=(30, 60, 90, 120),
        notice=timedelta(hours=2),
        gap=15,
        horizon=timedelta(days=60),
        slot_step=30,
    )
    now = cell_of(NOW)
    past = {now - 4 * number for number in range(1, past_meetings + 1)}
    ahead = {cell_of(MONTH.start + timedelta(hours=hours)) for hours in range(0, 31 * 24, 3)}
    return Schedule(
        availability=Availability(zone=ZONE, weekly=WEEKDAYS),
        terms=terms,
        busy=frozenset(past | ahead),
    )


if __name__ == "__main__":
    main()
