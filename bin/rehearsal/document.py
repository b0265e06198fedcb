"""The commands of a page in docs/, as they stand there."""

import re
from pathlib import Path

# ```sh, a word that says when it is run, and the commands.
_BLOCK = re.compile(r"^```sh ?(?P<kind>\w*)\n(?P<commands>.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[tuple[str, str]]:
    """`[(kind, commands)]` in the order of the page; kind is empty where nothing special is meant.

    yours: what everybody fills in for themselves · public: needs the open internet · the others
    name what they are about.
    """
    text = page.read_text(encoding="utf-8")
    return [(match["kind"], match["commands"]) for match in _BLOCK.finditer(text)]
