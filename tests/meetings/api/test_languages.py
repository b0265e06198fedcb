"""Messages are in the language of Accept-Language, else of the caller; codes never change."""

import pytest

from tests.factories import UserFactory
from tests.meetings.api.caller import Caller, said

pytestmark = pytest.mark.django_db

NOTHING = "meetings/00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("asked", "language"),
    [("", "de"), ("*", "de"), ("fr", "de"), ("es-MX,es", "es"), ("fr,en;q=0.5", "en")],
)
def test_a_call_is_answered_in_the_language_it_asks_for_or_in_its_person_s(asked, language):
    caller = Caller(UserFactory(language="de"))

    response = caller("GET", NOTHING, headers={"Accept-Language": asked})

    assert response["Content-Language"] == language
    assert said(response)[1]["code"] == "not_found"


def test_a_program_that_names_no_language_gets_its_person_s():
    response = Caller(UserFactory(language="es"))("GET", NOTHING)

    assert response["Content-Language"] == "es"
