from datetime import UTC, date, datetime, time

import pytest
from django.utils import translation

from accounts import clocks
from accounts.clocks import Clock, Style

EVENING = datetime(2026, 11, 24, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("accepted", "language", "clock"),
    [
        ("", "en", "24"),
        ("*", "en", "24"),
        ("en", "en", "12"),
        ("en-US,en;q=0.9", "en", "12"),
        ("en-CA", "en", "12"),
        ("en-AU", "en", "12"),
        ("en-PH", "en", "12"),
        ("en-IN", "en", "12"),
        ("en-GB,en;q=0.9", "en", "24"),
        ("en-IE", "en", "24"),
        ("de", "de", "24"),
        ("es", "es", "24"),
        ("es-ES", "es", "24"),
        ("es-MX", "es", "12"),
        ("es-CO", "es", "12"),
        ("es-AR", "es", "24"),
        ("fr-FR,en-US;q=0.8", "en", "12"),
        ("en-GB;q=0.8,en-US;q=0.9", "en", "12"),
        ("zh-Hant-TW, en-Latn-US", "en", "12"),
        ("\x00;q=,", "en", "24"),
        # Somebody who has changed to German in an American browser reads German times.
        ("en-US,en;q=0.9", "de", "24"),
        ("de-DE", "en", "24"),
    ],
)
def test_the_clock_is_the_usual_one_where_the_browser_is_from(accepted, language, clock):
    assert clocks.browser_clock(accepted, language) == clock


@pytest.mark.parametrize(
    ("language", "style", "text"),
    [
        ("en", Style.DATE_SHORT, "24 Nov 2026"),
        ("en", Style.DAY_LONG, "Tuesday 24 November 2026"),
        ("en", Style.DAY_SHORT, "Tue 24 Nov 2026"),
        ("en", Style.MONTH, "November 2026"),
        ("en", Style.WEEKDAY_LONG, "Tuesday 24 November"),
        ("en", Style.WEEKDAY_SHORT, "Tue 24 Nov"),
        ("de", Style.DATE_SHORT, "24. Nov 2026"),
        ("de", Style.DAY_LONG, "Dienstag, 24. November 2026"),
        ("de", Style.DAY_SHORT, "Di, 24. Nov 2026"),
        ("de", Style.MONTH, "November 2026"),
        ("de", Style.WEEKDAY_LONG, "Dienstag, 24. November"),
        ("de", Style.WEEKDAY_SHORT, "Di, 24. Nov"),
        ("es", Style.DATE_SHORT, "24 nov 2026"),
        ("es", Style.DAY_LONG, "martes, 24 de noviembre de 2026"),
        ("es", Style.DAY_SHORT, "mar, 24 nov 2026"),
        ("es", Style.MONTH, "noviembre de 2026"),
        ("es", Style.WEEKDAY_LONG, "martes, 24 de noviembre"),
        ("es", Style.WEEKDAY_SHORT, "mar, 24 nov"),
    ],
)
def test_days_are_written_as_the_language_orders_them(language, style, text):
    with translation.override(language):
        assert clocks.day_text(date(2026, 11, 24), style) == text


def test_a_language_without_formats_has_those_of_english():
    with translation.override("fr"):
        assert clocks.day_text(date(2026, 11, 24), Style.WEEKDAY_LONG) == "mardi 24 novembre"


@pytest.mark.parametrize(
    ("language", "clock", "text"),
    [
        ("en", "24", "21:05"),
        ("en", "12", "9:05 PM"),
        ("de", "24", "21:05"),
        ("es", "24", "21:05"),
        ("es", "12", "9:05 p.m."),
    ],
)
def test_times_are_written_on_the_clock_that_is_active(language, clock, text):
    with translation.override(language), clocks.override(clock):
        assert clocks.clock_text(EVENING) == text


@pytest.mark.parametrize(
    ("clock", "moment", "text"),
    [("12", time(0, 0), "12:00 AM"), ("12", time(12, 0), "12:00 PM"), ("24", time(0, 0), "00:00")],
)
def test_midnight_and_noon(clock, moment, text):
    with clocks.override(clock):
        assert clocks.clock_text(moment) == text


@pytest.mark.parametrize(
    ("clock", "minutes", "text"),
    [
        ("24", 0, "00:00"),
        ("24", 570, "09:30"),
        ("24", 1440, "24:00"),
        ("12", 0, "12:00 AM"),
        ("12", 570, "9:30 AM"),
        ("12", 1440, "12:00 AM"),
    ],
)
def test_minutes_after_midnight_on_either_clock(clock, minutes, text):
    with clocks.override(clock):
        assert clocks.wall_clock_text(minutes) == text


def test_a_moment_is_day_and_time():
    assert clocks.moment_text(EVENING, Style.DAY_SHORT) == "Tue 24 Nov 2026, 21:05"


def test_the_clock_outside_is_back_after_an_error():
    with pytest.raises(RuntimeError), clocks.override(Clock.HOURS_12):
        raise RuntimeError

    assert clocks.clock_text(EVENING) == "21:05"
