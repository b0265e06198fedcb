"""The test settings for a worker in a separate process, with its own queue."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import HUEY as IN_TESTS

HUEY = IN_TESTS | {"immediate": False, "filename": os.environ["JOBS_FILE"]}
