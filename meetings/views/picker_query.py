"""The query string of a page with a picker: ?month=2027-03&day=2027-03-28&duration=60."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.zones import is_zone
from meetings.forms.booking import parse_start, sent_start

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MINUTES = re.compile(r"\d{1,4}", re.ASCII)


def requested_zone(values: Mapping[str, Any]) -> ZoneInfo | None:
    """The requested time zone, ?tz=Asia/Tokyo; None if it is missing or invalid."""
    name = str(values.get("tz", ""))
    return ZoneInfo(name) if is_zone(name) else None


@dataclass(frozen=True)
class PickerQuery:
    """month is its first day; what is missing or cannot be read is None. notices say what could
    not be read where that matters to the person."""

    month: date | None = None
    day: date | None = None
    duration: int | None = None
    start: datetime | None = None
    notices: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, Any], zone: tzinfo) -> "PickerQuery":
        """The query in values. A start overrides a day, and a day a month; dates are in zone."""
        start, notices = None, []
        if text := sent_start(values):
            try:
                start = parse_start(text)
            except ValidationError as error:
                notices += error.messages
        asked_day = values.get("day", "")
        day = start.astimezone(zone).date() if start else _date(asked_day)
        if asked_day and day is None:
            notices.append(_("That day does not exist. Here are others."))
        month = month_of(day) if day else _date(f"{values.get('month', '')}-01")
        minutes = str(values.get("duration", ""))
        duration = int(minutes) if MINUTES.fullmatch(minutes) else None
        if minutes and duration is None:
            notices.append(_("That length could not be read. Please choose one."))
        return cls(month, day, duration, start, tuple(notices))

    def at(self, day: date) -> "PickerQuery":
        """The same, for that day."""
        return replace(self, month=month_of(day), day=day)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """The first day of the month after the one that begins with month."""
    return month_of(month + timedelta(days=31))


def month_before(month: date) -> date:
    """The first day of the month before the one that begins with month."""
    return month_of(month - timedelta(days=1))
