import pytest
from django.conf import settings as site_settings
from django.utils import translation

from accounts import clocks
from tests.google.server import LoopbackGoogle


@pytest.fixture(autouse=True)
def as_at_the_start():
    """In English on a clock of 24 hours: a page that a test asked for leaves its own behind."""
    with translation.override(site_settings.LANGUAGE_CODE), clocks.override(clocks.Clock.HOURS_24):
        yield


@pytest.fixture
def google(settings, monkeypatch):
    """A loopback Google in place of the real one, with the site set up for it."""
    # oauthlib refuses plain HTTP, which is all that a server of a test speaks.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with LoopbackGoogle() as running:
        for name, value in running.settings().items():
            setattr(settings, name, value)
        yield running.google
        assert running.google.complaints == []
