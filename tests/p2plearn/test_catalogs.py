"""The translations are complete and match the code."""

import re
import shutil
from pathlib import Path

import allauth
import django
import polib
import pytest

from bin.install import ROOT
from bin.messages import LANGUAGES, extract

CATALOGS = sorted((ROOT / "locale").rglob("*.po"))
# %(name)s and %s, {name}, and markup: a translation must keep them.
FIXED = re.compile(r"%\(\w+\)s|%%|%s|\{\w+\}|<[^>]*>|&\w+;")
CODE = ("accounts", "bin", "meetings", "p2plearn", "static", "templates", "locale")


def name(catalog):
    return str(catalog.relative_to(ROOT / "locale").parent.parent)


def said(catalog):
    """`{key: translations}`, with one translation for each plural form."""
    return {key(each): list(each.msgstr_plural.values()) or [each.msgstr] for each in catalog}


def key(entry):
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def test_there_is_a_catalog_for_each_language(settings):
    assert [code for code, _name in settings.LANGUAGES] == ["en", *LANGUAGES]
    assert {name(each) for each in CATALOGS} == {
        *LANGUAGES,
        *(f"vendor/{each}" for each in LANGUAGES),
    }


@pytest.mark.parametrize("path", CATALOGS, ids=name)
def test_what_is_compiled_is_what_is_written(path):
    written, compiled = polib.pofile(path), polib.mofile(path.with_suffix(".mo"))

    assert said(compiled) == said(written)
    assert compiled.metadata == written.metadata


@pytest.mark.parametrize("path", CATALOGS, ids=name)
def test_everything_is_translated(path):
    catalog = polib.pofile(path)
    [number] = re.findall(r"nplurals=(\d)", catalog.metadata["Plural-Forms"])
    forms = int(number)

    unsure = [each.msgid for each in catalog if each.fuzzy or not each.translated()]
    half = [
        each.msgid
        for each in catalog
        if each.msgid_plural and sorted(each.msgstr_plural) != list(range(forms))
    ]

    assert (unsure, half) == ([], [])


@pytest.mark.parametrize("path", CATALOGS, ids=name)
def test_placeholders_and_markup_are_kept(path):
    lost = []
    for each in polib.pofile(path):
        sources = [each.msgid, *[each.msgid_plural] * (len(each.msgstr_plural) - 1)]
        for source, text in zip(sources, said([each])[key(each)], strict=True):
            if set(FIXED.findall(source)) != set(FIXED.findall(text)):
                lost.append((source, text))

    assert lost == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="no xgettext: apt install gettext")
def test_no_text_of_the_code_is_missing(tmp_path):
    for folder in CODE:
        shutil.copytree(ROOT / folder, tmp_path / folder)

    extract(tmp_path)

    for language in LANGUAGES:
        path = Path("locale") / language / "LC_MESSAGES" / "django.po"
        fresh, committed = polib.pofile(tmp_path / path), polib.pofile(ROOT / path)
        missing = {key(each) for each in fresh} - {key(each) for each in committed}
        assert missing == set(), "make messages, and translate what is new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_otherwise_is_said_by_a_package(language):
    theirs = set()
    for package in (django, allauth):
        for path in Path(package.__path__[0]).rglob(f"locale/{language}/LC_MESSAGES/django.po"):
            theirs |= {key(each) for each in polib.pofile(path)}

    ours = polib.pofile(ROOT / "locale" / "vendor" / language / "LC_MESSAGES" / "django.po")

    assert {key(each) for each in ours} - theirs == set()
