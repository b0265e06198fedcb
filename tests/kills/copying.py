"""How each database is copied while it is written to, and put back: as docs/backup.md says it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.servers.binaries import find_postgres
from tests.servers.web import ROOT


def copy(env: Mapping[str, str], file: Path) -> None:
    if env["DATABASE_URL"].startswith("sqlite"):
        manage(env, "backup", str(file))
    else:
        _postgres("pg_dump", "--format=custom", f"--file={file}", env["DATABASE_URL"])


def put_back(env: Mapping[str, str], file: Path, copied_at: str) -> str:
    """Into the empty place that env names; what was said about it."""
    if env["DATABASE_URL"].startswith("sqlite"):
        return manage(env, "restore", str(file))
    _postgres(
        "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={env['DATABASE_URL']}", str(file)
    )
    return manage(env, "settle_copy", f"--copied-at={copied_at}")


def manage(env: Mapping[str, str], *arguments: str) -> str:
    return _run([sys.executable, "manage.py", *arguments], env)


def _postgres(program: str, *arguments: str) -> None:
    folder = find_postgres()
    assert folder
    _run([str(folder / program), *arguments], {})


def _run(command: list[str], env: Mapping[str, str]) -> str:
    result = subprocess.run(
        command, cwd=ROOT, env=dict(env), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
