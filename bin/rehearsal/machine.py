"""A bare Debian 12 that runs its own systemd, in a folder; it shares this machine's network."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bin.processes import Process

NEEDED = ("debootstrap", "systemd-nspawn", "nsenter")
# Part of every installed Debian, but not of debootstrap's minimum.
INCLUDED = "systemd-sysv,dbus"
SECONDS_TO_BOOT = 60
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}


class MachineError(Exception):
    """It did not boot, or a command in it failed; the text says which."""


class Machine:
    """Runs inside a `with` block; then its folder is deleted, unless is_kept.

    with Machine(bare) as machine:
        machine.run("systemctl status")
    """

    def __init__(self, bare: Path, *, log: Path, is_kept: bool = False) -> None:
        """bare: a root made by make_bare_root(), which is copied."""
        self._folder = Path(tempfile.mkdtemp(prefix="p2plearn-rehearsal-", dir=bare.parent))
        self.root = self._folder / "root"
        self._bare = bare
        self._log = log
        self._is_kept = is_kept
        self._process: Process | None = None
        self._leader = 0

    def run(self, commands: str, *, stdin: str = "") -> str:
        """Run them as root in bash, up to the first that fails; returns their stdout and stderr.

        The output is also added to the log. Raises MachineError if a command fails.
        """
        result = subprocess.run(
            [*self._inside(), "bash", "-euo", "pipefail", "-c", commands],
            env=ENVIRONMENT,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"$ {commands}\n{result.stdout}\n")
        if result.returncode:
            tail = "\n".join(result.stdout.splitlines()[-30:])
            raise MachineError(f"This ended with status {result.returncode}:\n{commands}\n{tail}")
        return result.stdout

    def __enter__(self) -> Self:
        copy = ["cp", "--archive", str(self._bare), str(self.root)]
        subprocess.run(copy, check=True)
        try:
            self._boot()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def _boot(self) -> None:
        command = ["systemd-nspawn", f"--directory={self.root}", "--boot", "--quiet"]
        command += ["--register=no", "--keep-unit", "--link-journal=no", "--resolv-conf=copy-host"]
        self._process = Process("The machine", command, log=self._log.with_suffix(".boot"))
        deadline = time.monotonic() + SECONDS_TO_BOOT
        while time.monotonic() < deadline and self._process.exit_status is None:
            self._leader = self._leader or _first_process_of(self._process.pid)
            if self._leader and self._is_up():
                return
            time.sleep(0.2)
        raise MachineError(f"It did not boot; see {self._log.with_suffix('.boot')}")

    def _is_up(self) -> bool:
        command = [*self._inside(), "systemctl", "is-system-running"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        # A few units cannot work in a container.
        return answer.stdout.strip() in ("running", "degraded")

    def _inside(self) -> list[str]:
        spaces = ["--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd"]
        return ["nsenter", f"--target={self._leader}", *spaces, "--"]

    def _end(self) -> None:
        if self._process:
            self._process.stop(seconds=60)
            self._process = None
        if not self._is_kept:
            shutil.rmtree(self._folder)


def make_bare_root(folder: Path) -> None:
    """debootstrap a root into folder, once, with this machine's apt and pip settings; slow."""
    if (folder / "sbin" / "init").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = ["debootstrap", "--variant=minbase", f"--include={INCLUDED}", "bookworm", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    # Debian's installer writes it, and debootstrap does not.
    (folder / "etc/hosts").write_text("127.0.0.1 localhost\n", encoding="utf-8")
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    if sources.exists():
        shutil.copy(sources, folder / "etc/apt/sources.list.d")
        (folder / "etc/apt/sources.list").unlink(missing_ok=True)
    authority = os.environ.get("PIP_CERT")
    if authority:
        shutil.copy(authority, folder / "etc/pip.crt")
        (folder / "etc/pip.conf").write_text("[global]\ncert = /etc/pip.crt\n", encoding="utf-8")


def refuse_what_cannot_work(ports: tuple[int, ...]) -> None:
    """Exit with one line if root rights or programs are missing, or a port is taken."""
    if os.geteuid() != 0:
        sys.exit("The rehearsal boots a machine in a folder, which only root may.")
    absent = [name for name in NEEDED if not shutil.which(name)]
    if absent:
        sys.exit(f"Not installed: {', '.join(absent)} (apt install debootstrap systemd-container).")
    taken = [str(port) for port in ports if _is_taken(port)]
    if taken:
        sys.exit(f"The machine shares this one's network, and somebody listens at {taken}.")


def _is_taken(port: int) -> bool:
    # 0A is LISTEN; addresses are hexadecimal (proc(5), /proc/net/tcp).
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            _number, local, _remote, state = line.split()[:4]
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                return True
    return False


def _first_process_of(container: int) -> int:
    """The pid on this machine of the container's process 1; 0 while there is none."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        if fields.get("PPid") == str(container) and fields.get("NSpid", "").split()[-1:] == ["1"]:
            return int(status.parent.name)
    return 0
