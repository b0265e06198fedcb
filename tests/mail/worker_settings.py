"""The test's settings for a worker that is a process of its own, with a queue of its own."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import HUEY as IN_TESTS

HUEY = IN_TESTS | {"immediate": False, "filename": os.environ["JOBS_FILE"]}
