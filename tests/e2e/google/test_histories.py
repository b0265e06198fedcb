"""After any random history, Google and the meetings agree.

HISTORIES is how many are run (1,000 in `make soak`); HISTORY repeats a single one.
"""

import logging
import os

import pytest
import time_machine

from tests.e2e.google.history import NOW, History
from tests.e2e.google.killed import Death

HISTORIES = int(os.environ.get("HISTORIES", "100"))
ONE = os.environ.get("HISTORY", "")
# Each part is one test, so that they run side by side.
PARTS = 1 if ONE else 10
STEPS = 16


def seeds(part):
    return [int(ONE)] if ONE else range(part, HISTORIES, PARTS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", range(PARTS))
def test_in_the_end_google_and_the_meetings_agree(part, google, settings, caplog):
    death = Death()
    for seed in seeds(part):
        caplog.clear()
        with time_machine.travel(NOW, tick=False) as clock, death.watching():
            history = History(seed, google, clock, death, settings)
            history.run(STEPS)

        wrong = history.complaints()
        wrong += [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
        story = "\n".join(history.log)
        assert wrong == [], f"HISTORY={seed} tells it again:\n{story}\n{google.calls}"
        google.calls.clear()
