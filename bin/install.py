"""Keep the virtual environment in step with the pinned requirements. Standard library only."""

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"

RUN = ("requirements.txt",)
DEV = (
    *RUN,
    "requirements-postgres.txt",
    "requirements-mongodb.txt",
    "requirements-redis.txt",
    "requirements-metrics.txt",
    "requirements-sentry.txt",
    "requirements-dev.txt",
)
# Plus a MongoDB server for the tests, on machines that it supports.
MONGODB = (*DEV, "requirements-mongodb-tests.txt")
SETS = {"run": RUN, "dev": DEV, "mongodb": MONGODB}


def install(names: tuple[str, ...]) -> None:
    """Install what the named files pin into .venv; does nothing if they are unchanged.

    Exits with one line that says what to do if that fails.
    """
    if not _is_usable():
        _create()
    wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in names}
    installed = _installed()
    if all(installed.get(name) == digest for name, digest in wanted.items()):
        return
    say("Installing the requirements (about a minute the first time) …")
    command = [str(VENV_PYTHON), "-m", "pip", "install", "-qq", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-input"]
    for name in names:
        command += ["-r", str(ROOT / name)]
    if _fails(command):
        sys.exit("The requirements could not be installed; pip says why above. Then try again.")
    STAMP.write_text(json.dumps(installed | wanted, indent=2), encoding="utf-8")


def say(text: str) -> None:
    print(text, flush=True)


def _is_usable() -> bool:
    """Whether .venv works: it was not interrupted or moved, and its Python still exists."""
    if not VENV_PYTHON.exists():
        return False
    check = [str(VENV_PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(check, check=False, capture_output=True).returncode == 0


def _create() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit(
            f"Python {version} ({sys.executable}) comes without its venv module. "
            f"Install it (Debian, Ubuntu: apt install python{version}-venv) and try again."
        )
    say(f"Making a virtual environment in .venv with Python {version} …")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if _fails(command):
        sys.exit("The virtual environment could not be made; Python says why above.")


def _fails(command: list[str]) -> bool:
    """Whether the command fails. It has its own session, so that only we get a Ctrl-C."""
    return subprocess.run(command, check=False, start_new_session=True).returncode != 0


def _installed() -> dict[str, str]:
    """What was installed last: {file: its SHA-256}."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return stamp


if __name__ == "__main__":
    install(SETS[sys.argv[1]])
