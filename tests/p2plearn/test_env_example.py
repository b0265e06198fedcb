"""Every setting is listed in .env.example and in docs/settings.md."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_code_the_example_and_the_docs_name_the_same_variables() -> None:
    code = "".join(file.read_text() for file in (ROOT / "p2plearn").rglob("*.py"))
    example = (ROOT / ".env.example").read_text()
    docs = (ROOT / "docs" / "settings.md").read_text()

    in_code = set(re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", code))
    in_example = re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)
    in_docs = re.findall(r"^\| `([A-Z_]+)` \|", docs, re.MULTILINE)

    assert sorted(in_example) == sorted(in_code)
    assert sorted(in_docs) == sorted(in_code)
