"""Parses the files in deploy/, to compare them with each other."""

import re
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
PAGE = ROOT / "docs" / "deploy.md"
CURRENT = "/opt/p2plearn/current"


def unit(path: Path) -> ConfigParser:
    """A parsed systemd unit; if a key occurs twice, the last one wins, which is enough here."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


def service(name: str) -> dict[str, str]:
    """The [Service] section of p2plearn-<name>.service, merged with the one for all services."""
    folder = DEPLOY / "systemd"
    common = unit(folder / "p2plearn-.service.d" / "common.conf")["Service"]
    return {**common, **unit(folder / f"p2plearn-{name}.service")["Service"]}


def setting_names() -> set[str]:
    """The names of all variables that the site reads from its environment."""
    text = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE))
