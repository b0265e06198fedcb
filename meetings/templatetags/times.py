from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def duration_words(minutes: int) -> str:
    """30 is "30 minutes", 60 "1 hour", 90 "1.5 hours", with the language's own comma."""
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if minutes == 60:
        return _("1 hour")
    hours = number_format(f"{minutes / 60:g}")
    return _("%(hours)s hours") % {"hours": hours}


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
