"""`make messages`: bring locale/ up to date with the texts of the code and templates.

It needs GNU gettext. The output is committed, so nothing else needs gettext. The catalogs in
locale/vendor are written by hand: they replace translations of Django and allauth.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bin.install import ROOT, say

LANGUAGES = ("de", "es")
# Folders without texts for visitors.
IGNORED = (".venv", "var", "tests", "bench", "templates/styleguide")


def main() -> int:
    msgfmt = shutil.which("msgfmt")
    if msgfmt is None:
        say("This needs GNU gettext: apt install gettext, or brew install gettext.")
        return 1
    extract(ROOT)
    for catalog in sorted((ROOT / "locale").rglob("*.po")):
        compiled = catalog.with_suffix(".mo")
        subprocess.run([msgfmt, "--check-format", catalog, "-o", compiled], check=True)
    return 0


def extract(root: Path) -> None:
    """Update the catalogs of the site in root from its code; translations are kept."""
    # makemessages needs no settings, and those in the environment may be of another checkout.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    command = [sys.executable, "-m", "django", "makemessages", "--verbosity=0"]
    layout = ["--no-location", "--no-wrap", "--no-obsolete"]
    languages = [f"--locale={language}" for language in LANGUAGES]
    ignored = [f"--ignore={folder}" for folder in IGNORED]
    subprocess.run([*command, *layout, *languages, *ignored], cwd=root, env=environ, check=True)
    for language in LANGUAGES:
        _drop_the_hour(root / "locale" / language / "LC_MESSAGES" / "django.po")


def _drop_the_hour(catalog: Path) -> None:
    """Remove POT-Creation-Date, which would cause a conflict in every merge."""
    lines = catalog.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = (line for line in lines if not line.startswith('"POT-Creation-Date:'))
    catalog.write_text("".join(kept), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
