"""Times as the clocks of two people show them."""

from datetime import UTC, datetime, tzinfo

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from accounts import clocks


def clock_text(moment: datetime, zone: tzinfo) -> str:
    """The time in zone; with the zone's abbreviation in an hour that a DST change repeats."""
    local = moment.astimezone(zone)
    text = clocks.clock_text(local)
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return text
    return f"{text} {local.tzname()}"


def second_clock(moment: datetime, zone: tzinfo, other: tzinfo) -> str:
    """The time in the other zone, with the weekday if the date differs; empty if both zones have
    the same time."""
    ours, theirs = moment.astimezone(zone), moment.astimezone(other)
    if ours.utcoffset() == theirs.utcoffset():
        return ""
    text = clock_text(moment, other)
    if ours.date() == theirs.date():
        return text
    return _("%(weekday)s %(time)s") % {"weekday": WEEKDAYS_ABBR[theirs.weekday()], "time": text}


def start_value(start: datetime) -> str:
    """The instant as forms and addresses carry it: 2027-03-28T01:30Z."""
    return f"{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
