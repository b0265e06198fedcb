import pytest
from django.core.exceptions import ValidationError

from accounts.text import validate_line, validate_text


@pytest.mark.parametrize("text", ["", "Loops", "👩‍👩‍👧", "שלום \u200f", "é", "?", "1 + 1"])
def test_lines_that_can_be_read_are_fine(text):
    validate_line(text)


@pytest.mark.parametrize(
    "text", ["\u200b\u200b", "\u3164", " \u00a0", "a\nb", "a\tb", "a\x00", "\u202eabc", "\ud800"]
)
def test_lines_that_hide_something_or_everything_are_refused(text):
    with pytest.raises(ValidationError):
        validate_line(text)


def test_texts_may_have_lines():
    validate_text("one\r\n\ttwo")

    with pytest.raises(ValidationError):
        validate_text("one\x07")
