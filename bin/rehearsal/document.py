"""Reads the shell commands of a page in docs/."""

import re
from pathlib import Path

# ```sh, an optional kind, and the commands.
_BLOCK = re.compile(r"^```sh ?(?P<kind>\w*)\n(?P<commands>.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[tuple[str, str]]:
    """`[(kind, commands)]` in the order of the page; kind is empty for ordinary commands.

    yours: values that each reader sets. public: needs the open internet. Other kinds name their
    subject.
    """
    text = page.read_text(encoding="utf-8")
    return [(match["kind"], match["commands"]) for match in _BLOCK.finditer(text)]
