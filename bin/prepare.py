"""Bring database, static files and demo data up to date, in one start of Django.

Progress goes to stderr; stdout carries only the demo log-ins, for `make run` to show at the end.
"""

import fcntl
import hashlib
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from p2plearn.startup import explained


def main() -> None:
    django.setup()
    _say("Bringing the database up to date …")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    _collect_static()
    _say("Checking the demo data …")
    call_command("demo_data")


def _collect_static() -> None:
    """Collect the static files if a file or a package has changed: compressing takes seconds.

    Starts from scratch, since an interrupted run leaves files half hashed. A lock allows one run at
    a time.
    """
    root = Path(settings.STATIC_ROOT)
    root.parent.mkdir(parents=True, exist_ok=True)
    with root.with_name(f"{root.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, fingerprint = root / ".collected", _fingerprint()
        if stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint:
            return
        _say("Collecting the static files …")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(fingerprint, encoding="utf-8")


def _fingerprint() -> str:
    """A hash that changes when one of our static files or requirements.txt does."""
    sources = [Path(folder) for folder in settings.STATICFILES_DIRS]
    files = sorted(path for source in sources for path in source.rglob("*") if path.is_file())
    files.append(settings.BASE_DIR / "requirements.txt")
    parts = []
    for path in files:
        stat = path.stat()
        parts.append(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    with explained():
        main()
