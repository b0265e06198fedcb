"""Every file that docs and scripts name exists in this repository."""

import re
from pathlib import Path

import pytest

from tests.conftest import HERE, MARKS, ONCE

ROOT = HERE.parent
FOLDERS = "accounts|bench|bin|deploy|docs|locale|meetings|p2plearn|static|templates|tests"
# A match inside a longer path or an address is not ours.
OURS = re.compile(rf"(?<![\w./$-])(?:{FOLDERS})/[\w./-]*\w")
# Files that a site or a rehearsal writes.
WRITTEN_ELSEWHERE = {"deploy/env", "meetings/migrations/9999_rehearsal.py"}


def texts() -> list[Path]:
    """The files with paths in them that no other test reads."""
    single = (".ci/run", ".env.example", "Makefile", "pyproject.toml")
    files = [ROOT / name for name in single]
    for pattern in ("*.md", "docs/*.md", "deploy/**/*", "bin/**/*.py", "bench/*.py"):
        files += sorted(file for file in ROOT.glob(pattern) if file.is_file())
    return files


@pytest.mark.parametrize("file", texts(), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_text_names_files_that_are_there(file):
    # Dots may be escaped, as in a regular expression.
    text = file.read_text(encoding="utf-8").replace(r"\.", ".")
    named = set(OURS.findall(text)) - WRITTEN_ELSEWHERE

    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_places_whose_tests_are_skipped_or_marked_exist():
    """Otherwise their tests would run on every database, or without their mark, unnoticed."""
    assert {place for place in (*ONCE, *MARKS) if not (HERE / place).exists()} == set()
