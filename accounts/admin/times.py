"""Times in the admin: in the viewer's zone, with its name."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils import timezone

from accounts.clocks import Style, moment_text

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def in_zone(moment: datetime) -> str:
    """The time in the active zone: Sun 22 Nov 2026, 17:00 Europe/Berlin."""
    local = timezone.localtime(moment)
    zone = timezone.get_current_timezone_name().replace("_", " ")
    return f"{moment_text(local, Style.DAY_SHORT)} {zone}"


def time_column(field: str, label: "str | _StrPromise") -> Callable[[Any, Any], str | None]:
    """A ModelAdmin method that returns the field's time with its zone, or None."""

    @admin.display(description=label, ordering=field)
    def column(self: Any, row: Any) -> str | None:
        moment = getattr(row, field)
        return in_zone(moment) if moment else None

    return column
