"""Small trees of files that keep a rule or break it."""

from collections.abc import Callable
from typing import Any

from tests.structure.source import parse


def found_in(check: Callable[..., list[str]], tree: dict[str, str], *args: Any) -> list[str]:
    """Where check finds something, without what it says about it."""
    return [offender.split(": ")[0] for offender in check(parse(tree), *args)]
