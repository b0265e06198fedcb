"""gunicorn's configuration in every deployment, read with --config.

The address comes from systemd's socket or from --bind. WEB_CONCURRENCY is gunicorn's own variable
for the number of processes.
"""

import os
from typing import Any

workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gthread"
threads = 8

# Seconds without a heartbeat after which a process is replaced.
timeout = 60
# Seconds that a stop leaves to running requests. systemd and the container engine wait longer.
graceful_timeout = 30
# The proxy opens a connection for each request, so that none is reused while we close it.
keepalive = 0

# Replaces processes now and then, against memory leaks, but not all at the same time.
max_requests = 10_000
max_requests_jitter = 2_000

# The heartbeat is a file: in memory, where no slow disk delays it.
worker_tmp_dir = "/dev/shm"  # noqa: S108  gunicorn makes a file of its own there, by mkstemp
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """Mark a process that replaces another: it may start without database (p2plearn/wsgi.py)."""
    if worker.age > server.num_workers:
        os.environ["REPLACES_A_WEB_PROCESS"] = "yes"
