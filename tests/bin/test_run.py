"""`make run` says in one line what is wrong, before it does anything slow."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_busy_port_is_said_with_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        result = _run(port=str(port))

    assert result.returncode == 1
    assert result.stderr == f"Port {port} is busy. Try another: PORT={port + 1} make run\n"


def test_a_port_that_is_no_number_is_refused() -> None:
    result = _run(port="80a")

    assert result.returncode == 1
    assert result.stderr == (
        "PORT must be a number from 1 to 65535, and is '80a'. Try: PORT=8001 make run\n"
    )


def test_a_machine_without_a_python_that_is_new_enough(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")

    result = subprocess.run(
        ["/bin/sh", ROOT / "bin" / "find-python"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("P2P Learn needs Python 3.11 or newer")
    assert result.stderr.count("\n") == 1


def test_a_python_without_its_venv_module(tmp_path: Path) -> None:
    program = "import sys; sys.modules['ensurepip'] = None; from bin import install; "
    program += "from pathlib import Path; install.VENV_PYTHON = Path(sys.argv[1]); "
    program += "install.install(install.RUN)"

    result = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "none"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert result.returncode == 1
    assert f"apt install python{version}-venv" in result.stderr
    assert result.stderr.count("\n") == 1


def _run(*, port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bin.run"],
        cwd=ROOT,
        env={**os.environ, "PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )
