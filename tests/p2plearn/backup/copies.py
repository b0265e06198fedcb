"""Sites on SQLite files of their own, that can be copied and put back."""

import shutil
from contextlib import contextmanager
from io import StringIO

from django.core.management import call_command

from tests.races.database import as_default


def with_files_on_disk(settings):
    """STORAGES with uploaded files in MEDIA_ROOT, not in memory."""
    backend = "django.core.files.storage.FileSystemStorage"
    return {**settings.STORAGES, "default": {"BACKEND": backend}}


class Places:
    """Folders, each for one site; template is an SQLite file with the site's tables."""

    def __init__(self, folder, template, settings):
        self._folder, self._template, self._settings = folder, template, settings
        settings.STORAGES = with_files_on_disk(settings)

    def file(self, name):
        return self._folder / name / "db.sqlite3"

    @contextmanager
    def at(self, name, *, is_empty=False):
        """The models of this process are those of the site of that name; new with its tables,
        or with not even a file."""
        file = self.file(name)
        if not file.parent.exists():
            file.parent.mkdir()
            if not is_empty:
                shutil.copy(self._template, file)
        media, self._settings.MEDIA_ROOT = self._settings.MEDIA_ROOT, str(file.parent / "media")
        try:
            with as_default(f"sqlite:///{file}"):
                yield
        finally:
            self._settings.MEDIA_ROOT = media


def run(command, *arguments):
    """What it prints."""
    told = StringIO()
    call_command(command, *(str(each) for each in arguments), stdout=told)
    return told.getvalue()
