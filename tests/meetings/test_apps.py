from datetime import datetime

from huey.contrib.djhuey import HUEY


def test_the_worker_knows_what_to_do_every_minute() -> None:
    tasks = HUEY.read_periodic(datetime(2027, 3, 1, 8, 0))  # noqa: DTZ001 - huey's clock has no zone

    assert [task.name for task in tasks] == ["tick"]
