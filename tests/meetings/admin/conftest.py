import pytest

from tests.factories import UserFactory


@pytest.fixture
def staff(client):
    """A superuser, logged in."""
    person = UserFactory(name="Staff", is_staff=True, is_superuser=True, timezone="Europe/Berlin")
    client.force_login(person)
    return person
