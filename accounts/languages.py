"""The languages people can meet in: ISO 639-1 codes and their names, from the CLDR by Babel."""

from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language

from accounts.text import normalize_for_search

# Retired, and split into languages that are listed.
LEFT_OUT = {"sh"}


@lru_cache(maxsize=16)
def _names(language: str) -> dict[str, str]:
    """`{code: name}` in that language, each with a capital, as entries of a list have."""
    found = Locale.parse(language, sep="-").languages
    return {
        code: name[:1].upper() + name[1:]
        for code, name in found.items()
        if len(code) == 2 and code not in LEFT_OUT
    }


def language_codes() -> list[str]:
    """The codes that can be chosen, sorted."""
    return sorted(_names("en"))


def language_name(code: str) -> str:
    """The language's name in the active language; the code itself if it is unknown."""
    return _names(get_language() or "en").get(code, code)


def language_choices() -> list[tuple[str, str]]:
    """For a select: `[(code, name)]`, sorted by name, ignoring accents."""
    choices = [(code, language_name(code)) for code in language_codes()]
    return sorted(choices, key=lambda choice: normalize_for_search(choice[1]))
