"""manage.py google_check, with a fake Google: it names the first failure, and how to fix it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from meetings.integrations.google.check import Outcome, check
from tests.e2e.google.faults import Fault

PLATFORM = "platform@gmail.example.com"


@pytest.fixture
def platform(google, settings):
    """The fake Google, with a working platform account."""
    scope = " ".join(settings.GOOGLE_SCOPES)
    settings.GOOGLE_REFRESH_TOKEN = google.consent(PLATFORM, scope)
    return google


def failure():
    """The failed step; asserts that all before it succeeded and all after it were skipped."""
    steps = check(timezone.now())
    outcomes = [step.outcome for step in steps]
    at = outcomes.index(Outcome.FAILED)
    assert outcomes == [Outcome.OK] * at + [Outcome.FAILED] + [Outcome.SKIPPED] * (7 - at)
    return steps[at]


def test_all_steps_of_a_good_account_are_ok(platform, capsys):
    call_command("google_check")

    told = capsys.readouterr().out
    assert told.count("ok ") == 8
    assert "with its room on Google Meet, and deleted" in told


def test_it_leaves_nothing_behind_and_invites_nobody(platform):
    check(timezone.now())

    account = platform.account(PLATFORM)
    assert account.live() == []
    assert {guest for mail in account.mails for guest in mail.guests} == set()


def test_a_failure_exits_with_1_and_tells_the_cure(platform, settings, capsys):
    platform.end_consent(settings.GOOGLE_REFRESH_TOKEN)

    with pytest.raises(SystemExit) as ended:
        call_command("google_check")

    told = capsys.readouterr().out
    assert ended.value.code == 1
    assert "failed  Access: Google answered: invalid_grant." in told
    assert "What to do: The consent has ended" in told
    assert "die after 7 days" in told
    assert settings.GOOGLE_REFRESH_TOKEN not in told


@pytest.mark.parametrize("name", ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"])
def test_what_is_not_set_is_named(platform, settings, name):
    setattr(settings, name, "")

    step = failure()

    assert (step.title, step.detail) == ("Settings", f"Not set: {name}.")
    assert platform.calls == []


def test_a_missing_refresh_token_has_a_command(platform, settings):
    settings.GOOGLE_REFRESH_TOKEN = ""

    assert "manage.py google_token" in failure().cure


def test_a_network_that_does_not_lead_there(platform, settings):
    settings.GOOGLE_TOKEN_URI = "http://127.0.0.1:9/token"

    step = failure()

    assert (step.title, "firewall" in step.cure) == ("Google is reached", True)


def test_a_clock_that_is_wrong(platform):
    steps = check(timezone.now() + timedelta(hours=1))

    step = next(step for step in steps if step.outcome == Outcome.FAILED)
    assert step.title == "Clock"
    assert "NTP" in step.cure


def test_a_wrong_secret(platform, settings):
    settings.GOOGLE_CLIENT_SECRET = "mistyped"

    step = failure()

    assert (step.title, "invalid_client" in step.detail) == ("Access", True)
    assert "GOOGLE_CLIENT_SECRET" in step.cure


def test_a_scope_that_was_unticked(platform, settings):
    settings.GOOGLE_REFRESH_TOKEN = platform.consent(PLATFORM, settings.GOOGLE_SCOPES[0])

    step = failure()

    assert (step.title, settings.GOOGLE_SCOPES[1] in step.detail) == ("Scopes", True)
    assert "tick every box" in step.cure


def test_an_api_that_is_not_enabled(platform):
    platform.faults.keep("*", Fault("answer", 403, "accessNotConfigured"))
    platform.faults.always["token"] = Fault("delay")

    step = failure()

    assert (step.title, "Enable the Google Calendar API" in step.cure) == (
        "Google Calendar API",
        True,
    )


def test_an_account_that_may_not_write(platform):
    platform.faults.keep("events.insert", Fault("answer", 403, "requiredAccessLevel"))

    step = failure()

    assert (step.title, "may not do this" in step.cure) == ("Event with a Meet room", True)


def test_an_event_whose_answer_was_lost_is_deleted_too(platform):
    platform.faults.keep("events.insert", Fault("truncate"))

    assert failure().title == "Event with a Meet room"
    assert platform.account(PLATFORM).live() == []


def test_busy_times_that_fail_inside_a_200(platform):
    platform.faults.keep("freebusy.query", Fault("calendar_errors", reason="internalError"))

    assert failure().title == "Busy times"
