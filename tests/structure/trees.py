"""Small source trees that obey or break a rule."""

from collections.abc import Callable
from typing import Any

from tests.structure.source import parse


def found_in(check: Callable[..., list[str]], tree: dict[str, str], *args: Any) -> list[str]:
    """The places that check reports, without its messages."""
    return [offender.split(": ")[0] for offender in check(parse(tree), *args)]
