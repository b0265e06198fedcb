"""Uploaded pictures: which are refused, and how one becomes a photo."""

import struct
import zlib
from io import BytesIO
from threading import Lock
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

# Sides of the stored squares in pixels: for lists, for lists on sharp screens, and large.
SIDES = (96, 192, 384)
QUALITY = 80
BYTES_LIMIT = 5 * 1024 * 1024
PIXELS_LIMIT = 25_000_000
# Pillow refuses more than twice as many before it allocates memory.
Image.MAX_IMAGE_PIXELS = PIXELS_LIMIT
# A normal JPEG has a dozen scans at most. A scan of a few bytes can take the time to decode a
# whole picture (https://libjpeg-turbo.org/pmwiki/uploads/About/
# TwoIssueswiththeJPEGStandard.pdf).
SCANS_LIMIT = 50
START_OF_SCAN = b"\xff\xda"
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
# The `ftyp` brands of phone pictures that few browsers can show (ISO/IEC 14496-12).
PHONE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif")
# What Pillow raises for truncated, damaged or malicious files.
BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError),
    *(struct.error, zlib.error),
)
TOO_MANY_PIXELS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

# Decoding a large picture takes up to 400 MB, so each process decodes one at a time.
_reading = Lock()


def squares_of(file: IO[bytes], size: int) -> dict[int, bytes]:
    """`{side: WebP}` for each of SIDES: the middle of the picture, upright, without metadata.

    size: of the file, in bytes. Raises ValidationError if the picture is refused.
    """
    if size > BYTES_LIMIT:
        raise ValidationError(
            _("This picture is too large: it may have 5 MB at most."), code="too_large"
        )
    file.seek(0)
    content = file.read(BYTES_LIMIT)
    _refuse_other_kinds(content)
    try:
        with _reading:
            square = _middle_of(content)
    except TOO_MANY_PIXELS as error:
        raise _too_many_pixels() from error
    except BROKEN as error:
        raise _broken() from error
    return {side: _encoded(square, side) for side in SIDES}


def _refuse_other_kinds(content: bytes) -> None:
    if content[4:8] == b"ftyp" and content[8:12] in PHONE_BRANDS:
        raise ValidationError(
            _("HEIC and AVIF pictures cannot be used here. Please save it as JPEG first."),
            code="phone_format",
        )
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if not (is_webp or content.startswith((JPEG, PNG))):
        raise ValidationError(_("Please choose a JPEG, PNG or WebP picture."), code="other_kind")
    if content.startswith(JPEG) and content.count(START_OF_SCAN) > SCANS_LIMIT:
        raise _broken()


def _middle_of(content: bytes) -> Image.Image:
    """The central square, scaled to max(SIDES); of an animation, its first frame."""
    side = max(SIDES)
    with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
        _refuse_size(*picture.size)
        # A JPEG can be decoded at a fraction of its size.
        picture.draft(None, (side, side))
        coloured = _in_colours(picture)
        length = min(coloured.size)
        left, top = ((each - length) / 2 for each in coloured.size)
        square = coloured.resize(
            (side, side),
            Image.Resampling.LANCZOS,
            box=(left, top, left + length, top + length),
            reducing_gap=2.0,
        )
    upright = ImageOps.exif_transpose(square)
    # A new image has none of the metadata.
    clean = Image.new("RGB", (side, side), "white")
    clean.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    return _in_srgb(clean, picture.info.get("icc_profile"))


def _refuse_size(width: int, height: int) -> None:
    if width * height > PIXELS_LIMIT:
        raise _too_many_pixels()
    if min(width, height) < min(SIDES):
        raise ValidationError(
            _("This picture is too small: each side needs %(least)s pixels at least."),
            code="too_small",
            params={"least": min(SIDES)},
        )


def _in_colours(picture: Image.Image) -> Image.Image:
    """The picture as RGB, or as RGBA if it has transparency."""
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode.startswith("I"):
        # 16-bit grey: convert() alone would clip it at 255.
        return picture.point(lambda shade: shade * (1 / 257)).convert("L").convert("RGB")
    return picture if picture.mode == mode else picture.convert(mode)


def _in_srgb(square: Image.Image, profile: bytes | None) -> Image.Image:
    """The square converted to sRGB, which browsers assume if a picture has no colour profile.

    Phones embed a profile with more red and green.
    """
    if not profile:
        return square
    try:
        theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(square, theirs, ImageCms.createProfile("sRGB")) or square
    except (OSError, ImageCms.PyCMSError):
        # The profile is damaged, or not for RGB, to which the picture has been converted.
        return square


def _encoded(square: Image.Image, side: int) -> bytes:
    buffer = BytesIO()
    scaled = square.resize((side, side), Image.Resampling.LANCZOS)
    scaled.save(buffer, "WEBP", quality=QUALITY, method=6)
    return buffer.getvalue()


def _too_many_pixels() -> ValidationError:
    return ValidationError(
        _("This picture is too large: it may have 25 megapixels at most."), code="too_many_pixels"
    )


def _broken() -> ValidationError:
    return ValidationError(
        _("This picture is damaged and cannot be read. Please choose another one."), code="broken"
    )
