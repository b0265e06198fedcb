"""The picker of a time: a month of days, the slots of one of them, and the links between them."""

from calendar import MONDAY, Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.clocks import Style, day_text, length_text
from accounts.zones import choices_with
from meetings.domain.grid import Interval
from meetings.views.clocks import clock_text, second_clock, start_value
from meetings.views.picker_context import PickerContext
from meetings.views.picker_query import PickerQuery, month_after, month_before, month_of

# The most that a month can touch: always shown, so that the page keeps its height.
WEEKS = 6
# The parts of a day: the hour at which each ends, its icon and its title.
PARTS = (
    (5, "moon-stars", gettext_lazy("Night")),
    (12, "sunrise", gettext_lazy("Morning")),
    (17, "sun", gettext_lazy("Afternoon")),
    (24, "sunset", gettext_lazy("Evening")),
)


@dataclass(frozen=True)
class Day:
    """A day of the month, as components/calendar.html shows it."""

    date: date
    is_outside: bool
    is_today: bool = False
    is_selected: bool = False
    is_free: bool = False
    href: str | None = None
    label: str = ""

    @property
    def number(self) -> int:
        return self.date.day


@dataclass(frozen=True)
class Slot:
    """A time to choose, as components/slots.html shows it."""

    value: str
    text: str
    second: str
    label: str
    is_checked: bool = False
    is_disabled: bool = False


@dataclass(frozen=True)
class Choice:
    """A length to choose. minutes; href: the same day for that length."""

    minutes: int
    href: str
    is_selected: bool


@dataclass(frozen=True)
class Picker:
    """What is shown. month: its first day; day: the chosen one, if any. free: `{day: [slot]}` of at
    least that month; is_all: whether it is known to be everything that can be booked. notices: why
    this is not exactly what was asked for."""

    context: PickerContext
    duration: int
    month: date
    day: date | None
    start: datetime | None
    free: dict[date, list[Interval]]
    notices: list[str]
    is_all: bool

    @property
    def title(self) -> str:
        return day_text(self.month, Style.MONTH)

    @property
    def prev_href(self) -> str | None:
        first, _last = self.context.months
        return self._href(month=month_before(self.month)) if self.month > first else None

    @property
    def next_href(self) -> str | None:
        _first, last = self.context.months
        return self._href(month=month_after(self.month)) if self.month < last else None

    @property
    def soonest_href(self) -> str:
        """The link to the first free day."""
        return self._href()

    @property
    def weekdays(self) -> list[dict[str, Any]]:
        return [{"short": WEEKDAYS_ABBR[day], "long": WEEKDAYS[day]} for day in range(7)]

    @property
    def weeks(self) -> list[list[Day]]:
        """Always WEEKS of them, so that nothing below moves."""
        month = Calendar(MONDAY).monthdatescalendar(self.month.year, self.month.month)
        end = month[-1][-1]
        missing = range(1, (WEEKS - len(month)) * 7 + 1)
        rest = [end + timedelta(days=n) for n in missing]
        month += [rest[n : n + 7] for n in range(0, len(rest), 7)]
        return [[self._day(day) for day in week] for week in month]

    @cached_property
    def day_text(self) -> str:
        return day_text(self.day, Style.WEEKDAY_LONG) if self.day else ""

    @cached_property
    def groups(self) -> list[dict[str, Any]]:
        """`[{title, icon, slots: [Slot]}]`: the parts of the chosen day that have slots."""
        slots = self.free.get(self.day, []) if self.day else []
        parts: dict[tuple[str, str], list[Slot]] = {}
        for each in slots:
            hour = each.start.astimezone(self.context.zone).hour
            part = next((str(title), icon) for until, icon, title in PARTS if hour < until)
            parts.setdefault(part, []).append(self._slot(each))
        return [
            {"title": title, "icon": icon, "slots": each} for (title, icon), each in parts.items()
        ]

    @property
    def has_second_clock(self) -> bool:
        """Whether one of the slots has a different time on the other person's clock."""
        zone, other = self.context.zone, self.context.other.zone
        slots = self.free.get(self.day, []) if self.day else []
        return any(second_clock(slot.start, zone, other) for slot in slots)

    @property
    def choices(self) -> list[Choice]:
        """The durations that the mentor offers; none when a meeting moves, which keeps its own."""
        if self.context.moving is not None:
            return []
        return [
            Choice(
                each,
                href=self._href(day=self.day, duration=each, start=self.start),
                is_selected=each == self.duration,
            )
            for each in sorted(self.context.session_type.durations)
        ]

    @property
    def summary(self) -> str:
        """The text for screen readers when the picker changes."""
        if self.day is None:
            return _("No free times in %(month)s") % {"month": self.title}
        count = len(self.free.get(self.day, []))
        return self._count_text(count) % {"n": count, "day": self.day_text}

    @property
    def chosen(self) -> str:
        """The chosen slot in words, empty without one."""
        slots = [slot for group in self.groups for slot in group["slots"] if slot.is_checked]
        return slots[0].label if slots else ""

    @property
    def start_value(self) -> str:
        """The chosen slot as forms carry it, empty without one."""
        return start_value(self.start) if self.start else ""

    @property
    def zones(self) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        """The zones that times can be shown in: `[(region, ((name, label), …))]`."""
        return choices_with(self.context.zone.key)

    @staticmethod
    def _count_text(count: int) -> str:
        if not count:
            return _("%(day)s, no free times")
        return ngettext("%(day)s, %(n)s free time", "%(day)s, %(n)s free times", count)

    def _day(self, day: date) -> Day:
        if month_of(day) != self.month:
            return Day(day, is_outside=True)
        count = len(self.free.get(day, []))
        text = day_text(day, Style.DAY_LONG)
        return Day(
            day,
            is_outside=False,
            is_today=day == self.context.now.astimezone(self.context.zone).date(),
            is_selected=day == self.day,
            is_free=count > 0,
            href=self._href(day=day) if count else None,
            label=self._count_text(count) % {"n": count, "day": text},
        )

    def _slot(self, slot: Interval) -> Slot:
        zone, other = self.context.zone, self.context.other
        ours, theirs = clock_text(slot.start, zone), second_clock(slot.start, zone, other.zone)
        label = _("%(day)s, %(time)s, %(length)s") % {
            "day": self.day_text,
            "time": ours,
            "length": length_text(self.duration),
        }
        if theirs:
            values = {"time": label, "theirs": theirs, "name": other.short_name}
            label = _("%(time)s; %(theirs)s for %(name)s") % values
        if self._is_current(slot):
            theirs, label = _("current"), _("%(time)s, the current time") % {"time": label}
        return Slot(
            value=start_value(slot.start),
            text=ours,
            second=theirs,
            label=label,
            is_checked=slot.start == self.start,
            is_disabled=self._is_current(slot),
        )

    def _is_current(self, slot: Interval) -> bool:
        """Whether it is the current time of the meeting that moves."""
        moving = self.context.moving
        return moving is not None and slot.start == moving.scheduled_at

    def _href(
        self,
        *,
        month: date | None = None,
        day: date | None = None,
        duration: int | None = None,
        start: datetime | None = None,
    ) -> str:
        """The page's URL for these values, and for the duration that is shown."""
        address: dict[str, object] = {}
        if month or day:
            address["month"] = f"{month or day:%Y-%m}"
        if day:
            address["day"] = day.isoformat()
        if self.context.moving is None:
            address["duration"] = duration or self.duration
        if start:
            address["start"] = start_value(start)
        if self.context.requested_zone:
            address["tz"] = self.context.requested_zone.key
        return f"{self.context.path}?{urlencode(address)}"


def pick(context: PickerContext, query: PickerQuery) -> Picker:
    """The picker for the query, or for the nearest values that are possible.

    Free slots are read for the month in the query. Without one, they are read for the first month
    and, if that has none, for all months, to find the first free day.
    """
    notices = list(query.notices)
    duration = context.duration(query.duration)
    if query.duration not in (None, duration):
        notices.append(
            _("%(name)s does not offer that length.")
            % {"name": context.session_type.mentor.short_name}
        )
    first, last = context.months
    if query.month is None:
        # One month first: reading half a year takes as long as the rest of the page.
        free = context.free(first, first, duration) or context.free(first, last, duration)
        day = min(free, default=None)
        month = month_of(day) if day else first
        return Picker(context, duration, month, day, None, free, notices, is_all=not free)
    month = min(max(query.month, first), last)
    free = context.free(month, month, duration)
    day = query.day if query.day and month_of(query.day) == month else min(free, default=None)
    starts = {slot.start for slot in free.get(day, [])} if day else set()
    if month != query.month:
        notices.append(_("Nothing can be booked in that month. This one is the nearest."))
    elif query.start and query.start not in starts:
        notices.append(_("That time is not free. Please pick another one."))
    start = query.start if query.start in starts else None
    return Picker(context, duration, month, day, start, free, notices, is_all=first == last)


def alternative_slots(starts: Sequence[datetime], context: PickerContext) -> list[Slot]:
    """The starts as slots whose text names the day, to offer instead of a taken one."""
    return [
        Slot(
            value=start_value(start),
            text=_("%(day)s, %(time)s")
            % {
                "day": day_text(local, Style.WEEKDAY_SHORT),
                "time": clock_text(start, context.zone),
            },
            second=second_clock(start, context.zone, context.other.zone),
            label="",
        )
        for start in starts
        for local in [start.astimezone(context.zone)]
    ]
