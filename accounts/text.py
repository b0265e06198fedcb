"""Text that people type: how it is validated, cleaned and compared."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Embeddings, overrides and isolates can make a text look like another one
# (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _is_control(sign: str) -> bool:
    code = ord(sign)
    return code < 32 or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF or sign in _BIDI_CONTROLS


# Invisible, but not by their category (Unicode's Default_Ignorable_Code_Point, and the blank
# braille pattern).
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def _is_visible(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "CZ" and sign not in _BLANK_LETTERS


def validate_line(text: str) -> None:
    """Raise ValidationError for control characters, line breaks, tabs, or only blank characters."""
    if any(_is_control(sign) for sign in text):
        raise ValidationError(_("Please remove the invisible control characters and line breaks."))
    if text and not any(_is_visible(sign) for sign in text):
        raise ValidationError(_("Please write something that can be seen."))


def validate_text(text: str) -> None:
    """Raise ValidationError for control characters other than line breaks and tabs."""
    if any(_is_control(sign) and sign not in "\t\r\n" for sign in text):
        raise ValidationError(_("Please remove the invisible control characters."))


def as_line(text: str) -> str:
    """text on one line, without control characters."""
    return " ".join("".join(" " if _is_control(sign) else sign for sign in text).split())


def as_text(text: str) -> str:
    """text without control characters; all line breaks become LF."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\t\n" or not _is_control(sign))


def normalize_for_search(text: str) -> str:
    """text without case and accents, for searching: "Émile" and "emile" are the same."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def slug_of(name: str) -> str:
    """The same for all spellings of a name: "c++" for "C++" and " c++", but "c" for "C"."""
    return " ".join(normalize_for_search(name).split())[:60]
