"""Uploaded files, in the storage that the settings name."""

from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


class MediaDiffers(Exception):
    """A different file has that name already."""


def stored_names(folder: str = "") -> Iterator[str]:
    """The names of all uploaded files, sorted within each folder."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    for name in sorted(files):
        yield prefix + name
    for name in sorted(folders):
        yield from stored_names(prefix + name)


def read(name: str) -> bytes | None:
    """The file's content; None if it has been removed meanwhile."""
    try:
        with default_storage.open(name) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        return None


def keep(name: str, content: bytes) -> bool:
    """Store it under exactly this name; returns whether it is new. Raises MediaDiffers."""
    if default_storage.exists(name):
        if read(name) != content:
            raise MediaDiffers(f"There is another file {name} already.")
        return False
    try:
        default_storage.save(name, ContentFile(content))
    except BaseException:
        # An incomplete file would block the next try.
        default_storage.delete(name)
        raise
    return True
