"""Template filters for days and times of day; a date-time is shown in the reader's zone."""

from datetime import date, datetime

from django import template

from accounts import clocks
from accounts.clocks import Style

register = template.Library()


@register.filter(expects_localtime=True)
def clock(moment: datetime) -> str:
    """21:30"""
    return clocks.clock_text(moment)


@register.filter(expects_localtime=True)
def day_long(day: date) -> str:
    """Tuesday 24 November 2026"""
    return clocks.day_text(day, Style.DAY_LONG)


@register.filter(expects_localtime=True)
def day_short(day: date) -> str:
    """Tue 24 Nov 2026"""
    return clocks.day_text(day, Style.DAY_SHORT)


@register.filter(expects_localtime=True)
def weekday_long(day: date) -> str:
    """Tuesday 24 November"""
    return clocks.day_text(day, Style.WEEKDAY_LONG)


@register.filter(expects_localtime=True)
def date_short(day: date) -> str:
    """24 Nov 2026"""
    return clocks.day_text(day, Style.DATE_SHORT)


@register.filter(expects_localtime=True)
def moment_long(moment: datetime) -> str:
    """Tue 24 Nov 2026, 21:30"""
    return clocks.moment_text(moment, Style.DAY_SHORT)


@register.filter(expects_localtime=True)
def moment_short(moment: datetime) -> str:
    """Tue 24 Nov, 21:30"""
    return clocks.moment_text(moment, Style.WEEKDAY_SHORT)
