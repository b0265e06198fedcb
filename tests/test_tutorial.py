"""The lines that docs/tutorial.md changes are there to be changed."""

import re

import pytest

from tests.conftest import HERE

ROOT = HERE.parent
TUTORIAL = ROOT / "docs" / "tutorial.md"
PATH_OR_DIFF = re.compile(
    r"`([\w./]+\.(?:py|html|css|md))`|^```diff\n(.*?)^```", re.MULTILINE | re.DOTALL
)


def changes():
    """The diffs, each with the path named last before it."""
    path = ""
    for named, diff in PATH_OR_DIFF.findall(TUTORIAL.read_text(encoding="utf-8")):
        if diff:
            yield path, diff
        path = named or path


def before(diff):
    """What a diff expects to find: the lines that it keeps or removes."""
    lines = [line[1:] for line in diff.splitlines() if not line.startswith("+")]
    return "\n".join(lines)


@pytest.mark.parametrize(("path", "diff"), list(changes()))
def test_a_change_finds_its_place(path, diff):
    assert before(diff) in (ROOT / path).read_text(encoding="utf-8")


def test_it_changes_code_templates_styles_and_documentation():
    assert {path.rpartition(".")[2] for path, _diff in changes()} == {"py", "html", "css", "md"}
