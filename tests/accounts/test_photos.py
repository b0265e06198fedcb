import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms

from accounts import photos
from accounts.photos import BYTES_LIMIT, SIDES, squares_of
from tests.accounts.pictures import (
    BLUE,
    GREEN,
    RED,
    encoded,
    plain,
    png_of,
    webp_of,
    with_metadata,
    with_scans,
)

ROOT = Path(__file__).resolve().parent.parent.parent


def squares(content):
    return squares_of(BytesIO(content), len(content))


def largest(content):
    return Image.open(BytesIO(squares(content)[384]))


def is_about(pixel, colour, tolerance=12):
    return all(abs(one - other) < tolerance for one, other in zip(pixel, colour, strict=True))


def refusal(content):
    with pytest.raises(ValidationError) as refused:
        squares(content)
    return refused.value.code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_becomes_webp_squares(kind):
    made = squares(encoded(plain(GREEN, (300, 200)), kind))

    assert tuple(made) == SIDES
    for side, content in made.items():
        picture = Image.open(BytesIO(content))
        assert (picture.format, picture.mode, picture.size) == ("WEBP", "RGB", (side, side))
        assert is_about(picture.getpixel((side // 2, side // 2)), GREEN)


@pytest.mark.parametrize("size", [(900, 300), (300, 900)])
def test_the_middle_is_kept(size):
    picture = plain(RED, size)
    left, top = ((each - 300) // 2 for each in size)
    picture.paste(GREEN, (left, top, left + 300, top + 300))

    square = largest(encoded(picture, quality=95))

    for place in ((5, 5), (378, 5), (5, 378), (378, 378), (192, 192)):
        assert is_about(square.getpixel(place), GREEN)


@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [
        (1, (192, 30)),
        (2, (192, 30)),
        (3, (192, 353)),
        (4, (192, 353)),
        (5, (30, 192)),
        (6, (353, 192)),
        (7, (353, 192)),
        (8, (30, 192)),
    ],
)
def test_it_is_turned_upright_and_tells_nothing_more(orientation, red_at):
    content = with_metadata(orientation)
    assert b"SecretCamera" in content
    assert b"SecretComment" in content
    assert Image.open(BytesIO(content)).getexif().get_ifd(0x8825)

    made = squares(content)

    square = Image.open(BytesIO(made[384]))
    assert is_about(square.getpixel(red_at), RED)
    assert is_about(square.getpixel((383 - red_at[0], 383 - red_at[1])), BLUE)
    for each in made.values():
        picture = Image.open(BytesIO(each))
        assert not picture.getexif()
        assert picture.info.keys().isdisjoint({"exif", "xmp", "icc_profile", "comment"})
        assert b"Secret" not in each
        assert b"EXIF" not in each


def test_a_list_of_faces_stays_light():
    noisy = Image.effect_noise((800, 800), 80).convert("RGB")

    made = squares(encoded(noisy))

    # Noise compresses worse than any face; twelve such photos are 50 KB in a directory.
    assert len(made[96]) < 4_200


@pytest.mark.parametrize(
    ("content", "colour"),
    [
        (encoded(plain((0, 255, 255, 0), mode="CMYK")), (255, 0, 0)),
        (encoded(plain(2**15, mode="I;16"), "PNG"), (127, 127, 127)),
        (encoded(plain(1, mode="1"), "PNG"), (255, 255, 255)),
        (encoded(plain((90, 0), mode="LA"), "PNG"), (255, 255, 255)),
        (encoded(plain((*BLUE, 0), mode="RGBA"), "PNG"), (255, 255, 255)),
        (encoded(plain((*BLUE, 255), mode="RGBA"), "WEBP"), BLUE),
        (encoded(plain(0, mode="P"), "PNG", transparency=0), (255, 255, 255)),
    ],
    ids=["CMYK", "16-bit", "bits", "grey+alpha", "clear", "opaque", "palette+clear"],
)
def test_what_is_not_plain_rgb_looks_right_too(content, colour):
    assert is_about(largest(content).getpixel((100, 100)), colour)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_profile_of_colours_is_followed_and_gone(kind):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")
    assert swapped != profile

    square = largest(encoded(plain(RED), kind, icc_profile=swapped))

    assert is_about(square.getpixel((100, 100)), (20, 220, 20), 25)
    assert "icc_profile" not in square.info


@pytest.mark.parametrize("profile", [b"nonsense", bytes(128)])
def test_a_profile_that_makes_no_sense_is_left_out(profile):
    assert is_about(largest(encoded(plain(RED), icc_profile=profile)).getpixel((9, 9)), RED)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "MPO"])
def test_of_what_moves_the_first_picture_is_kept(kind):
    content = encoded(plain(GREEN), kind, save_all=True, append_images=[plain(RED)])

    picture = largest(content)

    assert picture.n_frames == 1
    assert is_about(picture.getpixel((100, 100)), GREEN)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_hides_behind_a_picture_is_gone(kind):
    content = encoded(plain(GREEN), kind) + b"<html><script>alert(1)</script>PK\x03\x04"

    made = squares(content)

    assert tuple(made) == SIDES
    assert not any(b"script" in each or b"PK" in each for each in made.values())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "other_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "other_kind"),
        (b"<html>", "other_kind"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "other_kind"),
        (encoded(plain(), "GIF"), "other_kind"),
        (encoded(plain(), "BMP"), "other_kind"),
        (encoded(plain(), "TIFF"), "other_kind"),
        (b"%PDF-1.7", "other_kind"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "phone_format"),
        (b"\x00\x00\x00\x18ftypavif" + bytes(40), "phone_format"),
        (b"\xff\xd8\xff<svg><script>", "broken"),
        (b"\x89PNG\r\n\x1a\n<html>", "broken"),
        (b"RIFF\x10\x00\x00\x00WEBP<html>", "broken"),
        (encoded(plain(size=(300, 95))), "too_small"),
        (encoded(plain(size=(95, 300))), "too_small"),
    ],
    ids=range(15),
)
def test_what_will_not_do_is_refused(content, code):
    assert refusal(content) == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_one_that_is_cut_off_is_refused(kind):
    content = encoded(Image.effect_noise((300, 300), 60).convert("RGB"), kind)

    assert refusal(content[: len(content) // 2]) == "broken"


def test_five_megabytes_are_the_most():
    picture = encoded(plain())
    most = picture + bytes(BYTES_LIMIT - len(picture))

    assert tuple(squares(most)) == SIDES
    assert refusal(most + b"\0") == "too_large"


def test_twenty_five_megapixels_are_the_most():
    assert tuple(squares(encoded(plain(1, (5000, 5000), "1"), "PNG"))) == SIDES
    assert refusal(encoded(plain(1, (5001, 5000), "1"), "PNG")) == "too_many_pixels"


# Pillow's warnings are what this test is about.
TRIAL = """
import resource, sys, time, warnings
from django.core.exceptions import ValidationError
from accounts.photos import squares_of
warnings.simplefilter("ignore")
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file:
    before, began = peak(), time.perf_counter()
    try:
        squares_of(file, int(sys.argv[2]))
    except ValidationError as refused:
        print(refused.code, (peak() - before) // 1024, time.perf_counter() - began)
"""


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (partial(png_of, 5001, 5000), "too_many_pixels"),
        (partial(png_of, 2**31 - 1, 2**31 - 1), "too_many_pixels"),
        (partial(webp_of, 16_383, 16_383), "too_many_pixels"),
        (partial(with_scans, 5_000), "broken"),
    ],
    ids=["a little", "PNG", "WebP", "scans"],
)
def test_a_bomb_is_refused_in_no_time_and_space(make, code, tmp_path):
    bomb, content = tmp_path / "bomb", make()
    bomb.write_bytes(content)

    told = subprocess.run(
        [sys.executable, "-c", TRIAL, bomb, str(len(content))],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        check=True,
        text=True,
    )

    met, megabytes, seconds = told.stdout.split()
    assert met == code
    assert int(megabytes) < 30
    assert float(seconds) < 1


@pytest.mark.slow
def test_as_many_scans_as_are_let_through_take_a_moment():
    content = with_scans(40)

    began = time.process_time()
    squares(content)

    assert time.process_time() - began < 5


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.filterwarnings("ignore")
def test_damage_of_any_kind_is_refused_or_mended(kind, monkeypatch):
    # Encoding takes most of the time, and is the same whatever was damaged.
    monkeypatch.setattr(photos, "SIDES", (12, 24))
    chance = random.Random(kind)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    honest = encoded(Image.effect_noise((120, 120), 60).convert("RGB"), kind, exif=exif)
    for _round in range(150):
        content = bytearray(honest)
        for _damage in range(chance.choice((1, 3, 30))):
            # Mostly at the start, where the headers are.
            reach = min(chance.choice((64, 400, len(content))), len(content))
            content[chance.randrange(12, reach)] = chance.randrange(256)
        with suppress(ValidationError):
            assert tuple(squares(bytes(content))) == photos.SIDES
