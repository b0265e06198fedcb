"""The log of the worker: a line a job, and its id in every line in between."""

import logging
from time import monotonic

from huey.api import Huey, Task

from p2plearn.monitoring.logs import belongs_to

logger = logging.getLogger(__name__)


def log_jobs(huey: Huey) -> None:
    """To be called once. Jobs of one thread run one after the other."""
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

    # Within a request, as in tests, they are part of it.
    if not huey.immediate:
        huey.pre_execute()(begin)
        huey.post_execute()(end)
