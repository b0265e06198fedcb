"""manage.py google_token: the consent of the platform's account, with a fake Google."""

import socket
from contextlib import closing
from threading import Thread
from urllib.parse import urlsplit

import pytest
import requests
from django.core.management import CommandError, call_command
from django.utils import timezone

from meetings.integrations.google.check import Outcome, check


@pytest.fixture
def port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Terminal:
    """Collects the command's output; opens the address of the consent screen like a browser."""

    def __init__(self, visit):
        self.text = ""
        self.visit = visit
        self.browser = None

    def write(self, text):
        self.text += text
        if "/auth?" in text:
            url = next(line for line in text.splitlines() if "/auth?" in line)
            self.browser = Thread(target=self.visit, args=(url,))
            self.browser.start()

    def flush(self):
        """Do nothing: there is no buffer."""

    def isatty(self):
        return False


def run(port, visit):
    terminal = Terminal(visit)
    try:
        call_command("google_token", port=port, stdout=terminal)
    finally:
        if terminal.browser:
            terminal.browser.join()
    return terminal.text


def agree(url):
    requests.get(url, timeout=5)


def token_in(text):
    line = next(line for line in text.splitlines() if line.startswith("GOOGLE_REFRESH_TOKEN="))
    return line.partition("=")[2]


def test_it_prints_a_token_that_works(google, settings, port):
    told = run(port, agree)

    settings.GOOGLE_REFRESH_TOKEN = token_in(told)
    assert {step.outcome for step in check(timezone.now())} == {Outcome.OK}


def test_it_asks_for_no_more_than_it_needs(google, settings, port):
    run(port, agree)

    (grant,) = google.refresh_tokens.values()
    assert grant.scope.split() == list(settings.GOOGLE_SCOPES)


def test_a_browser_that_asks_for_an_icon_first_is_no_answer(google, port):
    def visit(url):
        icon = requests.get(f"http://127.0.0.1:{port}/favicon.ico", timeout=5)
        assert icon.status_code == 404
        agree(url)

    assert token_in(run(port, visit))


def test_an_answer_to_another_question_is_refused(google, port):
    def visit(_url):
        requests.get(f"http://127.0.0.1:{port}/?code=stolen&state=other", timeout=5)

    with pytest.raises(CommandError, match="belongs to another request"):
        run(port, visit)
    assert google.calls == []


def test_a_no_is_told(google, port):
    google.denies = True

    with pytest.raises(CommandError, match="access_denied"):
        run(port, agree)


def test_a_box_left_unticked_is_named(google, settings, port):
    google.granted_scope = settings.GOOGLE_SCOPES[0]

    with pytest.raises(CommandError, match=r"Not granted: .*freebusy"):
        run(port, agree)


def test_no_refresh_token_is_told_with_its_cure(google, port):
    google.gives_refresh_token = False

    with pytest.raises(CommandError, match="third-party connections"):
        run(port, agree)


def test_pasting_works_without_a_browser_here(google, monkeypatch, capsys):
    def paste(_prompt):
        told = capsys.readouterr().out
        url = next(line for line in told.splitlines() if "/auth?" in line)
        answer = requests.get(url, allow_redirects=False, timeout=5)
        assert urlsplit(answer.headers["Location"]).netloc == "127.0.0.1:8765"
        return answer.headers["Location"]

    monkeypatch.setattr("builtins.input", paste)

    call_command("google_token", manual=True)

    assert token_in(capsys.readouterr().out) in google.refresh_tokens


def test_without_a_client_it_says_what_comes_first(settings):
    settings.HAS_GOOGLE_CLIENT = False

    with pytest.raises(CommandError, match="GOOGLE_CLIENT_SECRET come first"):
        call_command("google_token")


def test_a_port_in_use_is_told(google, port):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        with pytest.raises(CommandError, match=f"Port {port} is not free"):
            call_command("google_token", port=port)
