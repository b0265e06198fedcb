"""Rules for every template: partials are small and document their variables, and nothing violates
the content security policy."""

import re
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "templates"
# Mail programs ignore style sheets.
PAGES = [path for path in FOLDER.rglob("*.html") if "emails" not in path.parts]
PARTS = [path for path in PAGES if {"components", "partials"} & set(path.parts)]
MOST_LINES = 80

INLINE = re.compile(
    r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", flags=re.IGNORECASE
)


def name(path):
    return str(path.relative_to(FOLDER))


@pytest.mark.parametrize("path", PARTS, ids=name)
def test_a_part_is_small_and_says_what_it_takes(path):
    lines = path.read_text(encoding="utf-8").splitlines()

    assert len(lines) <= MOST_LINES
    assert lines[0].startswith("{# ")


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_style_and_behaviour_come_from_files(path):
    assert INLINE.findall(path.read_text(encoding="utf-8")) == []
