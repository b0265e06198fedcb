"""The test settings, with rate limits and the queue as in production."""

import os

from p2plearn import settings as real
from tests.settings import *  # noqa: F403
from tests.settings import HUEY as IN_TESTS

ACCOUNT_RATE_LIMITS = real.ACCOUNT_RATE_LIMITS
API_RATE_LIMITS = real.API_RATE_LIMITS
HUEY = IN_TESTS | {"immediate": False}
if "url" not in HUEY:
    HUEY |= {"filename": os.environ["JOBS_FILE"]}
