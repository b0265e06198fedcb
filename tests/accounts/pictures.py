"""Image files for tests, valid and malicious, generated on the fly."""

import struct
import zlib
from io import BytesIO

from PIL import ExifTags, Image

RED, GREEN, BLUE = (220, 20, 20), (20, 180, 20), (20, 20, 220)


def encoded(picture, kind="JPEG", **options):
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(colour=RED, size=(200, 200), mode="RGB"):
    return Image.new(mode, size, colour)


def with_metadata(orientation):
    """A JPEG whose stored upper half is red and lower half blue, with the place
    where it was taken."""
    picture = plain(BLUE, (300, 300))
    picture.paste(RED, (0, 0, 300, 150))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretCamera"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.0, 31.0, 7.0)})
    return encoded(picture, exif=exif, comment=b"SecretComment")


def png_of(width, height):
    """A PNG whose header claims that size, without any pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def webp_of(width, height):
    """A WebP whose header claims that canvas size, with a small picture on it."""
    canvas = bytes(4) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    still = encoded(plain(), "WEBP")[12:]
    body = b"WEBP" + b"VP8X" + struct.pack("<I", len(canvas)) + canvas + still
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_scans(count):
    """A progressive JPEG of 25 megapixels that repeats its last scan that many times."""
    honest = encoded(plain(size=(5000, 5000)), progressive=True, quality=10)
    last = honest[honest.rfind(b"\xff\xda") : -2]
    return honest[:-2] + last * count + honest[-2:]
