"""docs/api.md is correct: its tour is run, and its lists are complete."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from accounts.login import LoginRefused
from meetings.api import errors
from meetings.domain.errors import AvailabilityError, BookingError
from p2plearn.api import api
from tests.e2e.races.database import as_default, empty_database
from tests.e2e.servers.web import running_site
from tests.factories import PASSWORD, MentorFactory, UserFactory
from tests.meetings.api.caller import verified

ROOT = Path(__file__).resolve().parent.parent.parent.parent
DOCS = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BASH = shutil.which("bash") or "bash"
# Codes that have no exception class are literals in these files.
SOURCES = sorted((ROOT / "meetings" / "api").glob("*.py"))


@pytest.fixture
def site(
    tmp_path: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """The real site, with a mentor and the learner lena@example.com."""
    url = empty_database(tmp_path, "tour")
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ENVIRONMENT": "test",
        "DATABASE_URL": url,
        "LOG_LEVEL": "ERROR",
    }
    with running_site(env, workers=1) as base_url, django_db_blocker.unblock(), as_default(url):
        MentorFactory()
        verified(UserFactory(email="lena@example.com"))
        yield base_url


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_tour_works_as_it_stands(site: str) -> None:
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL))

    result = subprocess.run(
        [BASH, "-euo", "pipefail", "-c", commands],
        env={**os.environ, "API": f"{site}/api", "PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    said = result.stdout
    assert result.returncode == 0, said + result.stderr
    assert '"message":"Your session is booked."' in said
    assert '"subject": "Loops and lists"' in said
    assert said.count('"code": "wrong_status"') == 2
    assert '"message": "The session is cancelled."' in said
    assert said.rstrip().endswith('{"success": true}')


def test_every_code_is_listed_with_its_status() -> None:
    listed = {
        code: int(status)
        for status, code in re.findall(r"^\| (\d+) \| `(\w+)` \|", DOCS, re.MULTILINE)
    }

    rules = {
        kind.code: errors.STATUSES.get(kind.code, 409)
        for kind in _below(BookingError)
        if not issubclass(kind, AvailabilityError)
    }
    logins = {kind.code: errors.LOGIN_STATUSES.get(kind.code, 401) for kind in _below(LoginRefused)}
    logins[LoginRefused.code] = 401
    ours = {
        code
        for source in SOURCES
        for code in re.findall(r"HTTPStatus\.\w+,\s*\"(\w+)\"", source.read_text(encoding="utf-8"))
    }
    assert rules.items() | logins.items() <= listed.items()
    assert listed.keys() == rules.keys() | logins.keys() | ours


def test_every_call_has_its_refusals_described() -> None:
    schema = api.get_openapi_schema()

    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            name = f"{method} {path}"
            answers = operation["responses"]
            assert operation["summary"], name
            assert operation["description"], name
            assert {401, 413, 429} <= answers.keys(), name
            assert "Retry-After" in answers[429]["headers"], name
            for status, answer in answers.items():
                content = answer["content"]["application/json"]
                if status >= 400:
                    assert content["schema"] == {"$ref": "#/components/schemas/Refusal"}, name
                    assert content["example"]["success"] is False, name
            if "requestBody" in operation:
                assert {400, 413, 415} <= answers.keys(), name
    schemes = schema["components"]["securitySchemes"]
    assert schemes["BearerToken"] == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def _below(kind: type[Any]) -> set[type[Any]]:
    """All subclasses, indirect ones included."""
    found: set[type[Any]] = set()
    for each in kind.__subclasses__():
        found |= {each} | _below(each)
    return found
