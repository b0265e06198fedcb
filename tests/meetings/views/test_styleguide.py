import pytest
from django.urls import reverse

from tests.p2plearn.production import manage

RESOLVE = "from django.urls import resolve; resolve('/styleguide/')"


@pytest.mark.django_db
def test_it_shows_the_components_that_pages_use(client):
    page = client.get(reverse("styleguide"))

    used = {template.name for template in page.templates}
    assert page.status_code == 200
    assert {
        "components/submit.html",
        "components/alert.html",
        "components/error_summary.html",
        "components/calendar.html",
        "components/slots.html",
        "components/rating_input.html",
        "meetings/dashboard/partials/card.html",
        "meetings/dashboard/partials/next_meeting.html",
    } <= used


def test_production_has_none():
    result = manage("shell", "--no-imports", "-c", RESOLVE)

    assert "Resolver404" in result.stderr
