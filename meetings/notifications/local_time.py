"""A meeting's time in a person's time zone, in words."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.clocks import Style, clock_text, day_text, moment_text


@dataclass(frozen=True)
class LocalTimeRange:
    """From start to end, which are aware, in zone."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def text(self) -> str:
        """Thursday 4 March 2027, 10:00 to 11:00."""
        start, end = self.start.astimezone(self.zone), self.end.astimezone(self.zone)
        return _("%(day)s, %(start)s to %(end)s") % {
            "day": day_text(start, Style.DAY_LONG),
            "start": clock_text(start),
            "end": clock_text(end),
        }

    @property
    def short(self) -> str:
        """Thu 4 Mar, 10:00."""
        return moment_text(self.start.astimezone(self.zone), Style.WEEKDAY_SHORT)

    @property
    def zone_text(self) -> str:
        """Europe/Zurich, UTC+1. The offset tells apart an hour that a DST change repeats."""
        return f"{self.zone.key.replace('_', ' ')}, {offset_text(self.start, self.zone)}"

    def elsewhere(self, zone: ZoneInfo) -> "LocalTimeRange | None":
        """The same in that zone; None if clocks there show the same time."""
        edges = (self.start, self.end)
        here = [each.astimezone(self.zone).utcoffset() for each in edges]
        there = [each.astimezone(zone).utcoffset() for each in edges]
        return None if here == there else LocalTimeRange(self.start, self.end, zone)


def offset_text(moment: datetime, zone: ZoneInfo) -> str:
    """UTC, UTC+1, UTC−3:30."""
    offset = moment.astimezone(zone).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")
