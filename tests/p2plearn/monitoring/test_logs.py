import json
import logging
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from p2plearn import env as environment
from p2plearn.monitoring.logs import JsonLines, TextLines, belongs_to
from tests.p2plearn.production import manage


def record(message, *args, **more):
    made = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None)
    made.__dict__.update(more)
    return made


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/join/aB3-x_9/", "/join/…/"),
        ("/unsubscribe/a:b:c/", "/unsubscribe/…/"),
        ("/accounts/confirm-email/Mw:1x:y/", "/accounts/confirm-email/…/"),
        ("/accounts/password/reset/key/3-abc-def/", "/accounts/password/reset/key/…/"),
        ("/dashboard/", "/dashboard/"),
        (
            "Key (email)=(ada.l+x@mail.example.com) already exists",
            "Key (email)=(…@…) already exists",
        ),
        (
            "violates\nDETAIL:  Failing row contains (1, my\n\nnotes).\n\nThe above exception",
            "violates\nDETAIL: …\n\nThe above exception",
        ),
    ],
)
def test_tokens_and_peoples_addresses_are_not_told(text, told):
    line = record("%s: %s", "Conflict", text, fields={"path": text})

    as_json = json.loads(JsonLines().format(line))

    assert TextLines("%(message)s").format(line) == f"Conflict: {told}"
    assert (as_json["message"], as_json["path"]) == (f"Conflict: {told}", told)


def test_a_line_of_json_holds_all_of_an_event():
    try:
        raise ValueError("first\nsecond of ada@example.com")
    except ValueError:
        failed = record("sweep failed", exc_info=sys.exc_info(), created=1_795_000_000.25)
    token = belongs_to.set({"job": "1234"})
    try:
        text = JsonLines().format(failed)
    finally:
        belongs_to.reset(token)

    line = json.loads(text)
    trace = line.pop("exception")
    assert line == {
        "time": "2026-11-18T11:06:40.250+00:00",
        "level": "WARNING",
        "logger": "django.request",
        "message": "sweep failed",
        "job": "1234",
    }
    assert "\n" not in text
    assert trace.endswith("ValueError: first\nsecond of …@…")


@pytest.mark.parametrize(
    ("is_production", "form", "formatter"),
    [(True, None, "json"), (False, None, "text"), (True, "text", "text"), (False, "json", "json")],
)
def test_production_writes_json_unless_it_is_told(is_production, form, formatter, monkeypatch):
    monkeypatch.delenv("LOG_FORMAT", raising=False)
    if form:
        monkeypatch.setenv("LOG_FORMAT", form)

    config = environment.logs(is_production=is_production)

    assert config["handlers"]["console"]["formatter"] == formatter


def test_an_unknown_form_is_refused(monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "xml")

    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT is 'xml'"):
        environment.logs(is_production=True)


@pytest.mark.parametrize(
    ("program", "stream"),
    [
        (["gunicorn", "p2plearn.wsgi"], "ext://sys.stdout"),
        (["manage.py", "run_huey"], "ext://sys.stdout"),
        (["manage.py", "notifications"], "ext://sys.stderr"),
    ],
)
def test_lines_go_to_standard_output_unless_it_is_a_commands_answer(program, stream, monkeypatch):
    monkeypatch.setattr(sys, "argv", program)

    assert environment.logs(is_production=True)["handlers"]["console"]["stream"] == stream


def test_a_command_in_production_keeps_its_answer_and_its_log_apart():
    program = "import logging; logging.warning('careful'); print('answer')"

    result = manage("shell", "-v", "0", "-c", program)

    assert result.stdout == "answer\n"
    assert json.loads(result.stderr)["message"] == "careful"
