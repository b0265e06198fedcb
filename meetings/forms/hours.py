"""Hours as they are typed: from and to on a quarter of an hour, over midnight if to is earlier."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.clocks import wall_clock_text
from meetings.domain.availability import MINUTES_A_DAY, MinuteRange, clock
from meetings.domain.grid import CELL_MINUTES

# (from, to) as typed: "09:00", "24:00", or "" where nothing is chosen.
TypedRange = tuple[str, str]

CLOCK = {clock(minutes): minutes for minutes in range(0, MINUTES_A_DAY + 1, CELL_MINUTES)}
FROM_TIMES = list(CLOCK)[:-1]
TO_TIMES = list(CLOCK)[1:]
BLANK: TypedRange = ("", "")


def typed(minutes: MinuteRange) -> TypedRange:
    """A stored range as it is shown to be changed."""
    start, end = minutes
    return clock(start), clock(end)


def parse_range(row: TypedRange) -> MinuteRange:
    """The minutes of a row; an end that is not after the start lies on the next day.

    Raises ValidationError if a time is missing, off the grid, or the range is empty.
    """
    start_text, end_text = row
    if not start_text or not end_text:
        raise ValidationError(_("Choose both a start and an end, or neither."))
    if start_text not in CLOCK or end_text not in CLOCK:
        raise ValidationError(_("Times are on the quarter of an hour, like 10:00 or 10:15."))
    start, end = CLOCK[start_text], CLOCK[end_text]
    if start in (end, MINUTES_A_DAY):
        raise ValidationError(
            _("%(start)s to %(end)s is empty: a range ends after it starts."),
            params={"start": wall_clock_text(start), "end": wall_clock_text(end)},
        )
    return start, end if end > start else end + MINUTES_A_DAY


def split_at_midnight(minutes: MinuteRange) -> tuple[MinuteRange, MinuteRange | None]:
    """The part on its own day, and the part on the next day if there is one."""
    start, end = minutes
    if end <= MINUTES_A_DAY:
        return minutes, None
    return (start, MINUTES_A_DAY), (0, end - MINUTES_A_DAY)


def _offered(times: list[str], current: str) -> list[tuple[str, str]]:
    """`[(value, label)]` of times, and of current if it is not among them, so that an invalid
    value stays visible."""
    offered = [(each, wall_clock_text(CLOCK[each])) for each in times]
    return offered if current in times or not current else [(current, current), *offered]


class RangesWidget(forms.Widget):
    """Rows of two selects: <name>-from and <name>-to, once a row."""

    template_name = "meetings/availability/partials/hours_ranges.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "rows": [
                {
                    "start": start,
                    "end": end,
                    "from_times": _offered(FROM_TIMES, start),
                    "to_times": _offered(TO_TIMES, end),
                }
                for start, end in value or [BLANK]
            ]
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[TypedRange]:
        """The rows as they were sent, blank ones included."""
        starts, ends = data.getlist(f"{name}-from"), data.getlist(f"{name}-to")
        return list(zip_longest(starts, ends, fillvalue=""))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-from" not in data


class RangesField(forms.Field):
    """`[(start, end)]` in minutes after midnight; an end beyond 1440 lies on the next day."""

    widget = RangesWidget

    def to_python(self, value: Sequence[TypedRange] | None) -> list[MinuteRange]:
        return [parse_range(row) for row in value or () if row != BLANK]
