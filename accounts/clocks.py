"""Days and times of day as text, in the active language and on the reader's 12 or 24 hour clock.

The formats are in p2plearn/formats. A language without its own uses those of English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from enum import StrEnum

from django.db import models
from django.utils.formats import date_format, get_format, number_format, time_format
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.utils.translation.trans_real import parse_accept_lang_header

# The countries with a 12 hour clock, for each language of the site (https://cldr.unicode.org,
# timeData). "" stands for a language tag without a country.
TWELVE_HOURS = {
    "en": {"", "au", "ca", "in", "nz", "ph", "pk", "us"},
    "es": {"419", "co", "do", "mx", "pa", "pr", "us", "ve"},
}


MINUTES_A_DAY = 24 * 60


class Clock(models.TextChoices):
    """The clock on which a person reads times."""

    HOURS_12 = "12", gettext_lazy("12 hours, 9:30 PM")
    HOURS_24 = "24", gettext_lazy("24 hours, 21:30")


class Style(StrEnum):
    """Which parts of a date are shown, with an example in English."""

    DATE_SHORT = "DATE_SHORT"  # 24 Nov 2026
    DAY_LONG = "DAY_LONG"  # Tuesday 24 November 2026
    DAY_SHORT = "DAY_SHORT"  # Tue 24 Nov 2026
    MONTH = "MONTH"  # November 2026
    WEEKDAY_LONG = "WEEKDAY_LONG"  # Tuesday 24 November
    WEEKDAY_SHORT = "WEEKDAY_SHORT"  # Tue 24 Nov


_active: ContextVar[Clock] = ContextVar("clock", default=Clock.HOURS_24)


def activate(clock: str) -> None:
    """Write times of day on that clock from now on; an unknown one counts as 24 hours."""
    _active.set(Clock.HOURS_12 if clock == Clock.HOURS_12 else Clock.HOURS_24)


@contextmanager
def override(clock: str) -> Iterator[None]:
    """Write times of day on that clock inside the block."""
    before = _active.get()
    activate(clock)
    try:
        yield
    finally:
        _active.set(before)


def browser_clock(accept_language: str, language: str) -> Clock:
    """The usual clock for the header's first tag in that language; 24 hours without such a tag."""
    for tag, _quality in parse_accept_lang_header(accept_language.lower()):
        spoken, *rest = tag.split("-")
        if spoken == language:
            region = rest[-1] if rest else ""
            is_twelve = region in TWELVE_HOURS.get(language, set())
            return Clock.HOURS_12 if is_twelve else Clock.HOURS_24
    return Clock.HOURS_24


def day_text(day: date, style: Style) -> str:
    """The day as text; of a date-time, the day in its own zone."""
    return date_format(day, _format(style))


def clock_text(moment: datetime | time) -> str:
    """The time of day, 21:30 or 9:30 PM; of a date-time, the time in its own zone."""
    return time_format(moment, _format(f"CLOCK_{_active.get()}"))


def wall_clock_text(minutes: int) -> str:
    """The time of day so many minutes after midnight; 24:00, or 12:00 AM, at the day's end."""
    if minutes == MINUTES_A_DAY and _active.get() == Clock.HOURS_24:
        return "24:00"
    hour, minute = divmod(minutes % MINUTES_A_DAY, 60)
    return clock_text(time(hour, minute))


def moment_text(moment: datetime, style: Style) -> str:
    """Day and time of day, in the date-time's own zone: Tue 24 Nov, 21:30."""
    values = {"day": day_text(moment, style), "time": clock_text(moment)}
    return _("%(day)s, %(time)s") % values


def length_text(minutes: int) -> str:
    """30 is "30 minutes", 60 "1 hour", 90 "1.5 hours", with the language's decimal separator."""
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if minutes == 60:
        return _("1 hour")
    hours = number_format(f"{minutes / 60:g}")
    return _("%(hours)s hours") % {"hours": hours}


# Lazy, for texts made before the language is known, such as the choices of a field.
length_label = lazy(length_text, str)


def _format(name: str) -> str:
    found: str = get_format(name)
    # get_format() returns the name itself if the language has no such format.
    return get_format(name, lang="en") if found == name else found
