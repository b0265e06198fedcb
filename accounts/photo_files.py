"""The files of people's photos: one for each of SIDES, under a name that nobody can guess."""

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from accounts.photos import SIDES


@dataclass(frozen=True)
class PhotoUrls:
    """The URLs of a photo's squares of 96, 192 and 384 pixels."""

    small: str
    medium: str
    large: str

    @classmethod
    def of(cls, name: str) -> "PhotoUrls":
        return cls(*(reverse("accounts:photo", args=[name, side]) for side in SIDES))


def store_photo(squares: Mapping[int, bytes]) -> str:
    """Store `{side: WebP}`, all files or none; returns the new name."""
    name = secrets.token_hex(16)
    with ExitStack() as undo:
        undo.callback(delete_photo, name)
        for side, content in squares.items():
            default_storage.save(path_of(name, side), ContentFile(content))
        undo.pop_all()
    return name


def delete_photo(name: str) -> None:
    """Delete the photo's files; missing ones are ignored."""
    for side in SIDES:
        default_storage.delete(path_of(name, side))


def path_of(name: str, side: int) -> str:
    """The path of a square in the storage."""
    return f"photos/{name}-{side}.webp"
