"""A disk that is really full: a small file system for this test."""

import shutil
import subprocess
from contextlib import suppress

import pytest

from meetings.models import Meeting
from tests.e2e.trouble.answers import assert_booked, assert_unavailable
from tests.e2e.trouble.site import site_on

pytestmark = pytest.mark.race


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if run("mount", "-t", "tmpfs", "-o", "size=8m,mode=0755", "tmpfs", folder):
        pytest.skip("no right to mount a small disk: NOTHING IS KNOWN OF A FULL ONE")
    yield folder
    assert run("umount", "--lazy", folder) == 0


def test_a_full_disk_is_said_and_passes(small_disk, tmp_path, django_db_setup, django_db_blocker):
    url = f"sqlite:///{small_disk / 'db.sqlite3'}"
    with django_db_blocker.unblock(), site_on(url, small_disk / "jobs") as site:
        fill(small_disk / "filler")
        refused = site.book_at_once(day=2)
        (small_disk / "filler").unlink()
        left = Meeting.objects.count()
        done = site.book_at_once(day=2)

        assert_unavailable(refused)
        assert left == 0
        assert_booked(done)


def fill(file):
    """Fill the disk to the last byte."""
    with (
        file.open("wb", buffering=0) as filler,
        suppress(OSError),
    ):
        while filler.write(b"\0" * 4096):
            pass
    assert shutil.disk_usage(file.parent).free == 0


def run(program, *arguments):
    """Run the command, and return its exit status."""
    command = [shutil.which(program) or program, *arguments]
    return subprocess.run(command, check=False, capture_output=True).returncode
