"""Sites on their own SQLite files, for tests of backup and restore."""

import shutil
from contextlib import contextmanager
from io import StringIO

from django.core.management import call_command

from tests.e2e.races.database import as_default


def with_files_on_disk(settings):
    """STORAGES with uploaded files in MEDIA_ROOT, not in memory."""
    backend = "django.core.files.storage.FileSystemStorage"
    return {**settings.STORAGES, "default": {"BACKEND": backend}}


class Places:
    """A folder for each site; template is an SQLite file with the site's tables."""

    def __init__(self, folder, template, settings):
        self._folder, self._template, self._settings = folder, template, settings
        settings.STORAGES = with_files_on_disk(settings)

    def file(self, name):
        return self._folder / name / "db.sqlite3"

    @contextmanager
    def at(self, name, *, is_empty=False):
        """Inside, this process uses the site of that name; if new, it has empty tables, or with
        is_empty no database file at all."""
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
    """Run the command, and return its output."""
    told = StringIO()
    call_command(command, *(str(each) for each in arguments), stdout=told)
    return told.getvalue()
