"""What a broken rule says to the person, in their language."""

from django.utils.translation import gettext

from meetings.domain.errors import BookingError


def text_of(error: BookingError) -> str:
    """The error's text, translated."""
    return gettext(error.text) % error.params
