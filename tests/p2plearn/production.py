"""The site with production settings, in a process of its own: they are read at the start."""

import os
import secrets
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def manage(*arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Run manage.py in a complete production environment with these changes."""
    env = {
        "ENVIRONMENT": "production",
        "DJANGO_SETTINGS_MODULE": "p2plearn.settings",
        "DEBUG": "off",
        "SITE_URL": "https://learn.example.com",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "JWT_SIGNING_KEYS": secrets.token_urlsafe(48),
        "EMAIL_URL": "smtp://mail.example.com",
        "RATE_LIMITS": "on",
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, **env, **changes},
        capture_output=True,
        text=True,
        check=False,
    )
