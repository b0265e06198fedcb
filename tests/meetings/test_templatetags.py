import pytest
from django.utils import translation

from meetings.templatetags.times import duration_words


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(30, "30 minutes"), (60, "1 hour"), (90, "1.5 hours"), (120, "2 hours")],
)
def test_a_duration_in_words(minutes, text):
    assert duration_words(minutes) == text


def test_half_an_hour_is_written_with_the_language_s_comma():
    with translation.override("de"):
        assert duration_words(90).startswith("1,5 ")
