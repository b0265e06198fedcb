import logging

import pytest

from p2plearn.env import logs
from p2plearn.logs import WithoutTokens


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/join/aB3-x_9/", "/join/…/"),
        ("/unsubscribe/a:b:c/", "/unsubscribe/…/"),
        ("/dashboard/", "/dashboard/"),
    ],
)
def test_addresses_lose_their_tokens(path, told):
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "%s: %s", ("Conflict", path), None
    )

    assert WithoutTokens("%(message)s").format(record) == f"Conflict: {told}"


def test_the_sites_log_is_written_so():
    assert logs()["formatters"]["line"]["()"] is WithoutTokens
