"""The worker's log: one line for each job, and the job's id in all its lines."""

import logging
from time import monotonic

from huey.api import Huey, Task

from p2plearn.monitoring.logs import belongs_to

logger = logging.getLogger(__name__)


def log_jobs(huey: Huey) -> None:
    """Log the jobs of huey; call it once. Each thread runs one job at a time."""
    began: dict[str, float] = {}

    def begin(task: Task) -> None:
        began[task.id] = monotonic()
        belongs_to.set({"job": task.id})

    def end(task: Task, _value: object, error: Exception | None) -> None:
        seconds = monotonic() - began.pop(task.id)
        outcome = "failed" if error else "done"
        fields = {"name": task.name, "outcome": outcome, "ms": round(seconds * 1000, 1)}
        logger.info("job %s %s", task.name, outcome, extra={"fields": fields})
        belongs_to.set(None)

    # Immediate jobs, as in tests, run inside a request and log with its id.
    if not huey.immediate:
        huey.pre_execute()(begin)
        huey.post_execute()(end)
