import pytest
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils import translation

from accounts.languages import language_choices, language_codes, language_name

SPOKEN_BY_MANY = {
    "am": "Amharic",
    "gu": "Gujarati",
    "ha": "Hausa",
    "tl": "Tagalog",
    "yo": "Yoruba",
    "zh": "Chinese",
    "zu": "Zulu",
}


@pytest.mark.parametrize(("code", "name"), SPOKEN_BY_MANY.items())
def test_languages_of_many_people_can_be_chosen(code, name):
    assert (code, name) in language_choices()


def test_nothing_that_could_be_chosen_before_is_missing():
    """Mentors may have stored any that Django itself knows."""
    known = {code for code, info in LANG_INFO.items() if len(code) == 2 and "name" in info}

    assert known <= set(language_codes())


@pytest.mark.parametrize(
    ("language", "name"), [("en", "German"), ("de", "Deutsch"), ("es", "Alemán")]
)
def test_they_are_called_as_the_reader_calls_them(language, name):
    with translation.override(language):
        assert language_name("de") == name


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_each_has_a_name_of_its_own_in_each_language_of_the_site(language):
    with translation.override(language):
        names = [language_name(code) for code in language_codes()]

    assert len(set(names)) == len(names)
    assert all(name[0].isupper() and len(name) > 1 for name in names)


def test_what_nobody_knows_keeps_its_code():
    assert language_name("qq") == "qq"


def test_they_stand_in_the_order_of_the_alphabet():
    with translation.override("es"):
        names = [name for _code, name in language_choices()]

    assert names.index("Árabe") < names.index("Bengalí")
