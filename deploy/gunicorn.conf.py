"""How the web server runs, in every deployment; gunicorn reads it with --config.

Where it listens is said outside: by systemd's socket, or by --bind. WEB_CONCURRENCY is gunicorn's
own variable for the number of processes.
"""

import os
from typing import Any

workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gthread"
threads = 8

# A process that has not given a sign of life for so long is replaced.
timeout = 60
# What a stop lets requests in hand take. systemd and the container's engine wait longer.
graceful_timeout = 30
# The proxy opens a connection for each request, so that none is reused while we close it.
keepalive = 0

# Memory that leaks somewhere is given back now and then, not by all processes at once.
max_requests = 10_000
max_requests_jitter = 2_000

# The sign of life is a file: in memory, where a slow disk holds up nobody.
worker_tmp_dir = "/dev/shm"  # noqa: S108  gunicorn makes a file of its own there, by mkstemp
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """Only those that the server starts with must reach the database (p2plearn/wsgi.py)."""
    if worker.age > server.num_workers:
        os.environ["REPLACES_A_WEB_PROCESS"] = "yes"
