"""The files that people have uploaded, wherever the site keeps them."""

from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


class MediaDiffers(Exception):
    """Another file has that name already."""


def stored_names(folder: str = "") -> Iterator[str]:
    """The names of all of them, each folder's in order."""
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
    """Store it under exactly this name; whether it is new here. Raises MediaDiffers."""
    if default_storage.exists(name):
        if read(name) != content:
            raise MediaDiffers(f"There is another file {name} already.")
        return False
    try:
        default_storage.save(name, ContentFile(content))
    except BaseException:
        # A part of it would be in the way of the next try.
        default_storage.delete(name)
        raise
    return True
