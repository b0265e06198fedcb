"""The texts of BookingErrors, in the person's language and clock format."""

from typing import Any

from django.utils.translation import gettext

from accounts.clocks import wall_clock_text
from meetings.domain.availability import Hours
from meetings.domain.errors import BookingError
from meetings.integrations import counters


def text_of(error: BookingError) -> str:
    """The error's text, translated."""
    return gettext(error.text) % {name: _told(value) for name, value in error.params.items()}


def count_refusal(error: BookingError) -> None:
    """Count a BookingError by its code. Call it once for each."""
    counters.count_event(counters.REFUSED, error.code)


def _told(value: Any) -> Any:
    if isinstance(value, Hours):
        return f"{wall_clock_text(value.start)}–{wall_clock_text(value.end)}"
    return value
