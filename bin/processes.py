"""Start and stop child processes; none outlives its parent."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Process:
    """A child in a session of its own: a Ctrl-C in the terminal reaches only its parent."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        log: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        """stop_signal: what ends this program cleanly. log: the file for its output.

        user: the account it runs as; only root may set it. pass_fds: descriptors it inherits.
        """
        self.name = name
        self.stop_signal = stop_signal
        output = log.open("ab") if log else None
        self._popen = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            pass_fds=pass_fds,
            start_new_session=True,
            # One system call through a library that is loaded already, so safe beside threads.
            preexec_fn=partial(_die_with_parent, stop_signal),  # noqa: PLW1509
        )
        if output:
            output.close()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_status(self) -> int | None:
        """None while it runs; then as in a shell: 128 + n if signal n ended it."""
        code = self._popen.poll()
        return 128 - code if code is not None and code < 0 else code

    def stop(self, *, seconds: float = 10) -> None:
        """Send the stop signal, and after seconds at most kill what is left of its session."""
        stop_all([self], seconds=seconds)

    def ask(self) -> None:
        if self.exit_status is None:
            self._popen.send_signal(self.stop_signal)

    def kill(self) -> None:
        """Kill it and everything that is left in its session."""
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # macOS says the latter of a finished one
            return
        finally:
            self._popen.wait()


def stop_all(processes: Sequence[Process], *, seconds: float = 10) -> None:
    """Stop them together; what has not ended after seconds is killed."""
    for process in processes:
        process.ask()
    deadline = time.monotonic() + seconds
    while any(process.exit_status is None for process in processes):
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for process in processes:
        process.kill()


def _die_with_parent(stop_signal: signal.Signals) -> None:
    """Runs in the child: if its parent is killed, the kernel sends it stop_signal (Linux)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, stop_signal)
