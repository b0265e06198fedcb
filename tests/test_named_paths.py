"""Who names a file of this repository names one that is there."""

import re
from pathlib import Path

import pytest

from tests.conftest import HERE, ONCE

ROOT = HERE.parent
FOLDERS = "accounts|bench|bin|deploy|docs|locale|meetings|p2plearn|static|templates|tests"
# What follows something else is a path of another place, or an address.
OURS = re.compile(rf"(?<![\w./$-])(?:{FOLDERS})/[\w./-]*\w")
# What a site writes for itself, and a rehearsal.
WRITTEN_ELSEWHERE = {"deploy/env", "meetings/migrations/9999_rehearsal.py"}


def texts() -> list[Path]:
    """The files that tell where things are, and that no other test reads."""
    single = (".ci/run", ".env.example", "Makefile", "pyproject.toml")
    files = [ROOT / name for name in single]
    for pattern in ("*.md", "docs/*.md", "deploy/**/*", "bin/**/*.py", "bench/*.py"):
        files += sorted(file for file in ROOT.glob(pattern) if file.is_file())
    return files


@pytest.mark.parametrize("file", texts(), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_text_names_files_that_are_there(file):
    # As in a regular expression.
    text = file.read_text(encoding="utf-8").replace(r"\.", ".")
    named = set(OURS.findall(text)) - WRITTEN_ELSEWHERE

    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_what_is_told_once_is_there():
    """Else it would be told on every database, unnoticed."""
    assert {place for place in ONCE if not (HERE / place).exists()} == set()
