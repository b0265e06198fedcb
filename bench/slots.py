"""Time to compute the free slots of a month, compared with those of a day.

Plain Python: no database, no clock. Compare the ratio: it is measured in one run.
"""

import timeit
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from meetings.domain.availability import Availability
from meetings.domain.grid import Interval, cell_of
from meetings.domain.slots import Schedule, SlotRules

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
# The month with this zone's DST change.
ZONE = ZoneInfo("Europe/Zurich")
MONTH = Interval(datetime(2027, 3, 1, tzinfo=ZONE), datetime(2027, 4, 1, tzinfo=ZONE))
DAY = Interval(datetime(2027, 3, 10, tzinfo=ZONE), datetime(2027, 3, 11, tzinfo=ZONE))
WEEKDAYS = {day: [(9 * 60, 12 * 60), (13 * 60, 18 * 60)] for day in range(5)}
ROUNDS = 200


def main() -> None:
    day, month = _seconds(DAY), _seconds(MONTH)
    print(f"slots of a day:   {day * 1000:6.2f} ms")
    print(f"slots of a month: {month * 1000:6.2f} ms, {month / day:.1f} times that")


def _seconds(window: Interval) -> float:
    """How long one look-up takes at best."""
    look_up = partial(_schedule().slots, window, 60, now=NOW)
    return min(timeit.repeat(look_up, number=ROUNDS, repeat=3)) / ROUNDS


def _schedule() -> Schedule:
    """A busy mentor: every third hour of the month is taken."""
    rules = SlotRules(
        durations=(30, 60, 90, 120),
        notice=timedelta(hours=2),
        gap_before=0,
        gap_after=15,
        horizon=timedelta(days=60),
        step=30,
    )
    taken = {cell_of(MONTH.start + timedelta(hours=hours)) for hours in range(0, 31 * 24, 3)}
    return Schedule(
        availability=Availability(zone=ZONE, weekly=WEEKDAYS),
        rules=rules,
        busy=frozenset(taken),
    )


if __name__ == "__main__":
    main()
