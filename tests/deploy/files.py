"""What stands in the files that deploy the site, to compare them with each other."""

import re
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
PAGE = ROOT / "docs" / "deploy.md"
CURRENT = "/opt/p2plearn/current"


def unit(path: Path) -> ConfigParser:
    """A systemd unit; of a key that comes twice the last counts, which is enough here."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


def service(name: str) -> dict[str, str]:
    """The [Service] of p2plearn-<name>.service with what holds for all of them."""
    folder = DEPLOY / "systemd"
    common = unit(folder / "p2plearn-.service.d" / "common.conf")["Service"]
    return {**common, **unit(folder / f"p2plearn-{name}.service")["Service"]}


def setting_names() -> set[str]:
    """All that the site reads from its environment."""
    text = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE))
