"""What a broken rule says to the person, in their language."""

from django.utils.translation import gettext

from meetings.domain.errors import BookingError
from meetings.services import tally


def text_of(error: BookingError) -> str:
    """The error's text, translated."""
    return gettext(error.text) % error.params


def refusal_of(error: BookingError) -> str:
    """The same for a verb that was refused, which is counted."""
    tally.happened(tally.REFUSED, error.code)
    return text_of(error)
