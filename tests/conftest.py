import pytest

from tests.google.server import LoopbackGoogle


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
