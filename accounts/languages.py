"""The languages people can meet in: ISO 639-1 codes and their names."""

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _

from accounts.text import normalize_for_search


def language_codes() -> list[str]:
    """The codes that can be chosen."""
    return sorted(code for code, info in LANG_INFO.items() if len(code) == 2 and "name" in info)


def language_name(code: str) -> str:
    """What the language is called by who reads the page; the code itself when it is unknown."""
    info = LANG_INFO.get(code)
    return _(info["name"]) if info and "name" in info else code


def language_choices() -> list[tuple[str, str]]:
    """For a select: `[(code, name)]`, sorted by name, whatever its accents."""
    choices = [(code, language_name(code)) for code in language_codes()]
    return sorted(choices, key=lambda choice: normalize_for_search(choice[1]))
