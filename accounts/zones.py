"""IANA time zones: which exist, which are offered, and their labels."""

from functools import lru_cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# The cookie with the browser's zone, percent-encoded.
ZONE_COOKIE = "tz"

# Old spellings and machine names that no person looks for; a browser may still report one.
_HIDDEN = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Every zone that this machine's time zone database knows."""
    return frozenset(available_timezones()) - {"localtime", "posixrules", "Factory"}


def is_zone(name: str) -> bool:
    """Whether name is a zone that can be stored and shown."""
    return name in known_zones()


def validate_zone(name: str) -> None:
    """Raises ValidationError unless name is a zone."""
    if not is_zone(name):
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone of that name; UTC when there is none, since names can come from a cookie."""
    return ZoneInfo(name if is_zone(name) else "UTC")


def browser_zone(request: HttpRequest) -> str:
    """The zone that the browser's cookie names; not validated."""
    return unquote(request.COOKIES.get(ZONE_COOKIE, ""))


@lru_cache(maxsize=1)
def zone_choices() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """For a select: `((region, ((name, label), …)), …)`, sorted; UTC comes last."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(known_zones()):
        region, slash, place = name.partition("/")
        if slash and not name.startswith(_HIDDEN):
            regions.setdefault(region, []).append((name, place.replace("_", " ")))
    groups = [(region, tuple(places)) for region, places in sorted(regions.items())]
    return (*groups, ("UTC", (("UTC", "UTC"),)))


def choices_with(current: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """zone_choices(), with current on top if it is a zone that is not offered."""
    choices = list(zone_choices())
    offered = {name for _region, places in choices for name, _label in places}
    if current not in offered and is_zone(current):
        choices.insert(0, (current, ((current, current),)))
    return choices
