"""The page where staff try the API out."""

from django.conf import settings
from django.test import Client

from tests.factories import UserFactory


def test_staff_see_every_call_under_the_strict_policy(page, site, complaints, transactional_db):
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])

    page.goto(f"{site}/api/docs")
    page.get_by_text("/api/meetings/create", exact=True).click()

    page.get_by_role("button", name="Try it out").wait_for()
    assert page.locator(".opblock").count() == 14
    assert complaints == []
