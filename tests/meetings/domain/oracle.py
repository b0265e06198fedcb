"""The bookable slots, computed by an algorithm that shares nothing with meetings.domain.

For each quarter of an hour, it computes the mentor's local time and checks whether that date is
open then; busy times are plain spans. Slow, but simple enough to trust.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
QUARTERS_A_DAY = 96
ONE_DAY = timedelta(days=1)
# Far enough to find the start of a range that reaches into the window over midnight.
BEFORE = timedelta(days=4)
AFTER = timedelta(days=1)

Span = tuple[datetime, datetime]
# A date and the first and last + 1 quarter of one of its open ranges.
Hours = tuple[date, int, int]


@dataclass
class Oracle:
    """One mentor's hours and rules, and who is busy when. Ranges in minutes after midnight."""

    zone: ZoneInfo
    weekly: Mapping[int, list[tuple[int, int]]] = field(default_factory=dict)
    off: Sequence[tuple[date, date]] = ()
    extra: Mapping[date, list[tuple[int, int]]] = field(default_factory=dict)
    step: int = 30
    gap_before: int = 0
    gap_after: int = 0
    notice: timedelta = timedelta()
    horizon: timedelta = timedelta(days=60)
    mentor_busy: Sequence[Span] = ()
    learner_busy: Sequence[Span] = ()
    full_days: Collection[date] = ()

    def slots(self, window: Span, duration: int, now: datetime) -> list[Span]:
        """All free slots that start in window, soonest first."""
        length = timedelta(minutes=duration)
        before, after = timedelta(minutes=self.gap_before), timedelta(minutes=self.gap_after)
        stretches = self.stretches(window[0] - BEFORE, window[1] + AFTER)
        is_open = {quarter for stretch in stretches for quarter in _quarters(*stretch)}
        return [
            (start, start + length)
            for stretch in stretches
            for start in _every(timedelta(minutes=self.step), stretch)
            if window[0] <= start < window[1]
            and now + self.notice <= start <= now + self.horizon
            and is_open.issuperset(_quarters(start, start + length))
            and _is_free((start - before, start + length + after), self.mentor_busy)
            and _is_free((start, start + length), self.learner_busy)
            and start.astimezone(self.zone).date() not in self.full_days
        ]

    def stretches(self, first: datetime, last: datetime) -> list[Span]:
        """The open stretches, soonest first; starts are counted from the beginning of each."""
        found: list[list[datetime]] = []
        before: Hours | None = None
        dates: dict[date, list[Hours | None]] = {}
        on_grid = first - timedelta(minutes=first.minute % 15, seconds=first.second)
        for quarter in _quarters(on_grid, last):
            clock = quarter.astimezone(self.zone)
            day = clock.date()
            if day not in dates:
                dates[day] = self.hours_on(day)
            hours = dates[day][clock.hour * 4 + clock.minute // 15]
            if hours is not None:
                if before == hours or (before and _goes_on_in(before, hours)):
                    found[-1][1] = quarter + QUARTER
                else:
                    found.append([quarter, quarter + QUARTER])
            before = hours
        return [(start, end) for start, end in found]

    def hours_on(self, day: date) -> list[Hours | None]:
        """For each quarter that a clock can show on that date, the range that contains it."""
        is_open = [False] * QUARTERS_A_DAY
        ranges = list(self.extra.get(day, ()))
        if not any(first <= day <= last for first, last in self.off):
            ranges.extend(self.weekly.get(day.weekday(), ()))
        for start, end in ranges:
            is_open[start // 15 : end // 15] = [True] * (end // 15 - start // 15)
        hours: list[Hours | None] = []
        for is_like_this, run in groupby(range(QUARTERS_A_DAY), is_open.__getitem__):
            quarters = list(run)
            range_of_day = (day, quarters[0], quarters[-1] + 1)
            hours += [range_of_day if is_like_this else None] * len(quarters)
        return hours


def _goes_on_in(before: Hours, after: Hours) -> bool:
    """Whether a range until midnight continues in the one from midnight on, which itself does
    not continue."""
    (day, start, end), (next_day, next_start, _end) = before, after
    return start > 0 and end == QUARTERS_A_DAY and next_start == 0 and next_day == day + ONE_DAY


def _every(step: timedelta, stretch: Span) -> Iterator[datetime]:
    moment, end = stretch
    while moment < end:
        yield moment
        moment += step


def _quarters(first: datetime, last: datetime) -> Iterator[datetime]:
    return _every(QUARTER, (first, last))


def _is_free(span: Span, busy: Iterable[Span]) -> bool:
    return all(end <= span[0] or start >= span[1] for start, end in busy)


def clock_changes(zone: ZoneInfo, years: Iterable[int]) -> list[datetime]:
    """The instants in those years at which the zone's UTC offset changes."""
    return [
        quarter
        for year in years
        for hour in _every(
            timedelta(hours=1),
            (datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)),
        )
        if _offset(zone, hour) != _offset(zone, hour + timedelta(hours=1))
        for quarter in _quarters(hour + QUARTER, hour + timedelta(hours=1, minutes=15))
        if _offset(zone, quarter) != _offset(zone, quarter - QUARTER)
    ]


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()
