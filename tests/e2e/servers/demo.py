"""The site as `make run` shows it, with its demo people, over HTTP on loopback."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.servers.web import ROOT, WebError, running_site

LEARNER = "lena@example.com"
MENTOR = "amara@example.com"
PASSWORD = "learn-together"


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """Start it with a database in folder, and yield its base URL. Static files are hashed and
    compressed as in production."""
    env = {
        "DJANGO_SETTINGS_MODULE": "p2plearn.settings",
        "ENVIRONMENT": "development",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "EMAIL_URL": "dummymail://",
        "RATE_LIMITS": "off",
        "LOG_LEVEL": "ERROR",
    }
    _prepare(env)
    with running_site(env, workers=1, migrate=False) as base_url:
        yield base_url


def _prepare(env: dict[str, str]) -> None:
    """Prepare the site as `make run` does."""
    result = subprocess.run(
        [sys.executable, "-m", "bin.prepare"],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise WebError(f"The demo site could not be prepared:\n{result.stdout}{result.stderr}")
