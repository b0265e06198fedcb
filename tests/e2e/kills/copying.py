"""Copies each database while it is written to, and restores it, as in docs/backup.md."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.servers.binaries import find_postgres
from tests.e2e.servers.web import ROOT


def copy(env: Mapping[str, str], file: Path) -> None:
    match _kind(env):
        case "sqlite":
            manage(env, "backup", str(file))
        case "postgresql":
            _postgres("pg_dump", "--format=custom", f"--file={file}", env["DATABASE_URL"])
        case "mongodb":
            manage(env, "export_data", str(file))


def put_back(env: Mapping[str, str], file: Path, copied_at: str) -> str:
    """Restore the copy into the empty database of env, and return the output."""
    match _kind(env):
        case "sqlite":
            return manage(env, "restore", str(file))
        case "postgresql":
            into = f"--dbname={env['DATABASE_URL']}"
            _postgres("pg_restore", "--exit-on-error", "--no-owner", into, str(file))
        case "mongodb":
            manage(env, "migrate")
            manage(env, "createcachetable")
            manage(env, "import_data", str(file))
    return manage(env, "settle_copy", f"--copied-at={copied_at}")


def _kind(env: Mapping[str, str]) -> str:
    return env["DATABASE_URL"].partition(":")[0]


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
