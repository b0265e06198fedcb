"""Times as the clocks of two people show them."""

from datetime import UTC, datetime, tzinfo

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from accounts import clocks
from accounts.models import User


def clock_text(moment: datetime, zone: tzinfo) -> str:
    """What a clock in zone shows then; an hour that comes twice is told apart by its offset."""
    local = moment.astimezone(zone)
    text = clocks.clock_text(local)
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return text
    return f"{text} {local.tzname()}"


def second_clock(moment: datetime, viewer: User, other: User) -> str:
    """What the other's clock shows then, with the day where that is another; empty where both
    show the same."""
    ours, theirs = moment.astimezone(viewer.zone), moment.astimezone(other.zone)
    if ours.utcoffset() == theirs.utcoffset():
        return ""
    text = clock_text(moment, other.zone)
    if ours.date() == theirs.date():
        return text
    return _("%(weekday)s %(time)s") % {"weekday": WEEKDAYS_ABBR[theirs.weekday()], "time": text}


def start_value(start: datetime) -> str:
    """The instant as forms and addresses carry it: 2027-03-28T01:30Z."""
    return f"{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
