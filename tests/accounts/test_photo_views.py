from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from accounts.photo_files import path_of
from accounts.photos import BYTES_LIMIT, SIDES
from tests.accounts.pictures import GREEN, RED, encoded, plain
from tests.factories import MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

CHANGE, REMOVE, SETTINGS = "/settings/photo/", "/settings/photo/remove/", "/settings/"
HTMX = {"HX-Request": "true"}
SQUARES = {side: bytes([side % 256]) for side in SIDES}


@pytest.fixture
def person(client):
    person = UserFactory(name="Ada Lovelace")
    client.force_login(person)
    return person


@pytest.fixture
def kept(settings, tmp_path):
    """The folder of photos, for this test alone."""
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
    return lambda: sorted(each.name for each in Path(tmp_path).glob("photos/*"))


def upload(content, name="me.jpg"):
    """A file as a form uploads it."""
    file = BytesIO(content)
    file.name = name
    return file


def send(client, content, **headers):
    return client.post(CHANGE, {"photo": upload(content)}, headers=headers)


def files_of(person):
    return sorted(f"{person.photo}-{side}.webp" for side in SIDES)


def test_a_photo_is_kept_and_shown(client, person, kept):
    response = send(client, encoded(plain(GREEN)))

    person.refresh_from_db()
    assert (response.status_code, response["Location"]) == (303, "/settings/#photo")
    assert kept() == files_of(person)
    page = client.get(SETTINGS).text
    assert "Your photo is saved." in page
    assert f'src="/photos/{person.photo}-96.webp"' in page
    assert "Replace photo" in page
    assert "Remove photo" in page


def test_its_squares_are_for_everybody_and_for_good(client, person):
    send(client, encoded(plain(GREEN)))
    person.refresh_from_db()
    urls = person.photo_urls

    for visitor in (Client(), client):
        for url, side in zip((urls.small, urls.medium, urls.large), SIDES, strict=True):
            response = visitor.get(url)
            assert Image.open(BytesIO(response.content)).size == (side, side)
            assert response["Content-Type"] == "image/webp"
            assert response["Cache-Control"] == "public, max-age=31536000, immutable"
            assert response["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in response["Content-Security-Policy"]
            assert response.get("Vary", "Accept-Encoding") == "Accept-Encoding"
            assert not response.cookies


def test_other_pages_still_depend_on_the_cookie(client, person):
    assert "Cookie" in client.get(SETTINGS)["Vary"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd-96", "0" * 32 + "-97", "0" * 31 + "-96", "A" * 32 + "-96", "x"]
)
def test_other_addresses_lead_nowhere(client, name):
    assert client.get(f"/photos/{name}.webp").status_code == 404


def test_a_name_that_nobody_has_leads_nowhere(client):
    assert client.get(reverse("accounts:photo", args=["0" * 32, 96])).status_code == 404


def test_a_photo_whose_file_is_lost_is_not_found(client, person):
    person.set_photo(SQUARES)
    default_storage.delete(path_of(person.photo, 96))

    assert client.get(person.photo_urls.small).status_code == 404


def test_a_new_photo_takes_the_place_of_the_old_one(
    client, person, kept, django_capture_on_commit_callbacks
):
    person.set_photo(SQUARES)
    old = person.photo_urls
    with django_capture_on_commit_callbacks(execute=True):
        send(client, encoded(plain(GREEN)))

    person.refresh_from_db()
    assert person.photo_urls != old
    assert kept() == files_of(person)
    assert client.get(old.small).status_code == 404


def test_a_photo_is_removed_and_removing_it_again_is_harmless(
    client, person, kept, django_capture_on_commit_callbacks
):
    person.set_photo(SQUARES)
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(REMOVE)
        assert response["Location"] == "/settings/#photo"

    person.refresh_from_db()
    assert (person.photo, person.photo_urls, kept()) == ("", None, [])
    page = client.get(SETTINGS).text
    assert "Your photo is removed." in page
    assert "Remove photo" not in page


def test_the_old_files_stay_until_the_change_is_committed(person, kept):
    person.set_photo(SQUARES)
    before = kept()

    person.remove_photo()

    assert kept() == before


def test_what_could_not_be_stored_leaves_no_files(person, kept, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(User, "save", fail)

    with pytest.raises(DatabaseError):
        person.set_photo(SQUARES)
    assert kept() == []


@pytest.mark.parametrize("how", ["one", "many"])
def test_a_deleted_person_takes_the_photo_along(kept, how, django_capture_on_commit_callbacks):
    person, other = UserFactory(), UserFactory()
    person.set_photo(SQUARES)
    other.set_photo(SQUARES)
    url = person.photo_urls.small

    with django_capture_on_commit_callbacks(execute=True):
        person.delete() if how == "one" else User.objects.filter(pk=person.pk).delete()

    assert kept() == files_of(other)
    assert Client().get(url).status_code == 404


def test_a_deactivated_persons_photo_is_gone(client):
    mentor = MentorFactory()
    mentor.user.set_photo(SQUARES)
    url = mentor.user.photo_urls.small
    assert url in client.get(mentor.get_absolute_url()).text
    assert client.get(url).status_code == 200

    User.objects.filter(pk=mentor.pk).update(is_active=False)

    assert User.objects.get(pk=mentor.pk).photo_urls is None
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "This file is empty."),
        (b"<svg/>", "Please choose a JPEG, PNG or WebP picture."),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC and AVIF pictures cannot be used here."),
        (encoded(plain(size=(50, 50))), "each side needs 96 pixels at least"),
        (encoded(plain()) + bytes(BYTES_LIMIT), "it may have 5 MB at most"),
    ],
    ids=["empty", "svg", "heic", "small", "large"],
)
def test_what_is_wrong_stands_beside_the_field_and_changes_nothing(client, person, content, text):
    person.set_photo(SQUARES)

    response = send(client, content)

    assert response.status_code == 422
    assert list(response.context["photo_form"].errors) == ["photo"]
    assert text in response.text
    assert 'value="Ada Lovelace"' in response.text
    before = person.photo
    person.refresh_from_db()
    assert person.photo == before


def test_no_file_at_all_is_told(client, person):
    assert "Please choose a picture." in client.post(CHANGE).text


def test_no_more_of_a_large_file_is_kept_than_shows_that_it_is_large(client, person):
    response = send(client, bytes(4 * BYTES_LIMIT))

    # The bytes that the handlers stored: up to the limit, and the chunk that exceeds it.
    [kept] = response.wsgi_request.FILES.values()
    assert BYTES_LIMIT < kept.size < BYTES_LIMIT + 200_000


def test_two_files_are_refused(client, person):
    files = [upload(encoded(plain(colour))) for colour in (RED, GREEN)]

    assert client.post(CHANGE, {"photo": files}).status_code == 400


def test_htmx_gets_the_part_about_the_photo_alone(client, person):
    saved = send(client, encoded(plain(GREEN)), **HTMX)
    wrong = send(client, b"<svg/>", **HTMX)
    removed = client.post(REMOVE, headers=HTMX)

    assert (saved.status_code, wrong.status_code, removed.status_code) == (200, 422, 200)
    for response in (saved, wrong, removed):
        assert response.text.strip().startswith("<div")
        assert 'id="photo"' in response.text
        assert "<h1" not in response.text
    assert "Your photo is saved." in saved.text
    assert "Please choose a JPEG" in wrong.text
    assert "/photos/" in wrong.text
    assert "Your photo is removed." in removed.text
    assert "/photos/" not in removed.text


def test_too_many_new_photos_are_put_off(client, person, settings):
    settings.ACCOUNT_RATE_LIMITS = {"photo": "1/m/user"}
    first = send(client, encoded(plain(GREEN)))
    person.refresh_from_db()

    second = send(client, encoded(plain(RED)))

    before = person.photo
    person.refresh_from_db()
    assert (first.status_code, second.status_code) == (303, 429)
    assert second["Retry-After"] == "60"
    assert "Please wait a while" in second.text
    assert person.photo == before
