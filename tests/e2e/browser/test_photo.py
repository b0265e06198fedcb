"""Choosing a photo: a preview before it is sent, and the other forms keep what was typed."""

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from accounts.photos import BYTES_LIMIT
from tests.accounts.pictures import encoded, plain
from tests.factories import UserFactory


@pytest.fixture
def person(page, site, transactional_db):
    """A logged-in person on their settings page."""
    person, client = UserFactory(name="Lena Learner"), Client()
    client.force_login(person)
    cookie = client.cookies[site_settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    page.goto(f"{site}{reverse('accounts:settings')}")
    return person


def choose(page, content):
    file = {"name": "me.png", "mimeType": "image/png", "buffer": content}
    page.get_by_label("Photo").set_input_files([file])


def test_a_photo_is_seen_saved_and_removed_while_the_rest_stays_as_typed(page, person, look):
    preview = page.locator("#photo-preview")
    page.get_by_label("Name").fill("Lena Fischer")

    choose(page, encoded(plain((20, 180, 20), (400, 300)), "PNG"))
    expect(preview).to_be_visible()
    colour = preview.evaluate("it => [...it.getContext('2d').getImageData(96, 96, 1, 1).data]")
    assert colour == [20, 180, 20, 255]
    page.get_by_role("button", name="Save photo").click()

    expect(page.get_by_text("Your photo is saved.")).to_be_focused()
    expect(preview).to_be_hidden()
    face = page.locator("#photo .avatar__photo")
    assert face.evaluate("async it => { await it.decode(); return it.naturalWidth }") > 0
    expect(page.get_by_label("Name")).to_have_value("Lena Fischer")
    look()

    page.get_by_role("button", name="Remove photo").click()
    expect(page.get_by_text("Your photo is removed.")).to_be_focused()
    expect(face).to_have_count(0)
    person.refresh_from_db()
    assert (person.photo, person.name) == ("", "Lena Learner")


def test_what_is_wrong_is_told_beside_the_field(page, person, look):
    field = page.get_by_label("Photo")

    choose(page, bytes(BYTES_LIMIT + 1))
    expect(page.get_by_text("it may have 5 MB at most.")).to_be_visible()
    page.get_by_role("button", name="Save photo").click()
    expect(field).to_have_attribute("aria-invalid", "true")

    choose(page, b"no picture")
    page.get_by_role("button", name="Save photo").click()
    expect(page.get_by_text("Please choose a JPEG, PNG or WebP picture.")).to_be_visible()
    expect(field).to_be_focused()
    look()
