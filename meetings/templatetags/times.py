from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.clocks import length_text

register = template.Library()


@register.filter
def duration_words(minutes: int) -> str:
    """1.5 hours"""
    return length_text(minutes)


@register.filter
def countdown(moment: datetime, now: datetime | None = None) -> str:
    """How long until moment, in its two largest units: "in 2h 30m"; "now" once it is there."""
    left = moment - (now or timezone.now())
    minutes = -(-left // timedelta(minutes=1))
    if minutes <= 0:
        return _("now")
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return _("in %(days)sd %(hours)sh") % {"days": days, "hours": hours}
    if hours:
        return _("in %(hours)sh %(minutes)sm") % {"hours": hours, "minutes": minutes}
    return _("in %(minutes)sm") % {"minutes": minutes}


@register.filter
def zone_label(zone: ZoneInfo | str) -> str:
    """ "America/New_York" as people read it: "America/New York"."""
    return str(zone).replace("_", " ")
