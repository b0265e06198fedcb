"""manage.py backup and restore on SQLite."""

import gzip
import sqlite3
import tarfile
from contextlib import closing

import pytest
from django.core.management import CommandError
from django.db import connection

from accounts.models import User
from meetings.models import Meeting, RestoredCopy
from p2plearn.backup.archive import InvalidBackup
from p2plearn.backup.sqlite import restored
from p2plearn.transfer.media import keep, stored_names
from tests.e2e.races.database import assert_nobody_is_booked_twice
from tests.factories import MeetingFactory, UserFactory
from tests.p2plearn.backup.copies import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def copy(places):
    """The file for the copy of the old site."""
    return places.file("old").with_name("copy.tar.gz")


def test_a_copy_brings_everything_back(places, copy):
    with places.at("old"):
        photos = places.file("old").with_name("media") / "photos"
        photos.mkdir(parents=True)
        (photos / "a.webp").write_bytes(b"\x00\xff")
        meeting = MeetingFactory()
        told = run("backup", copy)
    with places.at("new", is_empty=True):
        run("restore", copy)

        assert "1 uploaded files; sound." in told
        assert Meeting.objects.get() == meeting
        assert_nobody_is_booked_twice()
        assert RestoredCopy.objects.count() == 1
        assert places.file("new").with_name("media").joinpath("photos/a.webp").read_bytes() == (
            b"\x00\xff"
        )
        assert [each.name for each in places.file("new").parent.glob(".*")] == []


def test_nobody_waits_for_a_copy_and_it_waits_for_nobody(places, copy):
    """During an open write transaction, the copy has the state before it."""
    with places.at("old"):
        UserFactory(name="before")
        with closing(sqlite3.connect(places.file("old"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE accounts_user SET name = 'half done'")
            run("backup", copy)
            other.execute("COMMIT")
    with places.at("new", is_empty=True):
        run("restore", copy)

        assert User.objects.get().name == "before"


def test_only_the_owner_can_read_a_copy(places, copy):
    with places.at("old"):
        run("backup", copy)

    assert copy.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in copy.parent.glob("*copy*")] == ["copy.tar.gz"]


def test_a_copy_is_not_written_over_another(places, copy):
    with places.at("old"):
        copy.write_text("precious")

        with pytest.raises(CommandError, match="is there already"):
            run("backup", copy)

    assert copy.read_text() == "precious"


def test_a_damaged_database_makes_no_copy(places, copy):
    with places.at("old"):
        MeetingFactory()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys=OFF")
            cursor.execute("DELETE FROM accounts_user")

        with pytest.raises(CommandError, match="damaged"):
            run("backup", copy)

    assert not copy.exists()


def test_a_database_that_is_there_is_not_written_over(places, copy):
    with places.at("old"):
        person = UserFactory()
        run("backup", copy)

        with pytest.raises(CommandError, match=r"Nothing was restored.*move it away first"):
            run("restore", copy)

        assert User.objects.get() == person


def test_a_left_over_log_of_another_database_is_not_mixed_in(places, copy):
    with places.at("old"):
        run("backup", copy)
    with places.at("new", is_empty=True):
        places.file("new").with_name("db.sqlite3-wal").write_text("old pages")

        with pytest.raises(CommandError, match=r"db\.sqlite3-wal is there already"):
            run("restore", copy)


def cut(data):
    return data[: len(data) // 2]


def without_its_end(data):
    return data[: data.rindex(b"end\x00")]


def of_zeros(data):
    return bytes(len(data))


def nothing(data):
    return b""


def of_another_version(data):
    return data.replace(b'"version": 1', b'"version": 9', 1)


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize(
    "spoil", [cut, without_its_end, of_zeros, nothing, of_another_version], ids=lambda f: f.__name__
)
def test_a_file_that_is_no_whole_copy_is_not_restored(places, copy, spoil, is_packed):
    with places.at("old"):
        UserFactory()
        run("backup", copy)
    data = spoil(gzip.decompress(copy.read_bytes()))
    copy.write_bytes(gzip.compress(data) if is_packed else data)
    with places.at("new", is_empty=True):
        with pytest.raises(CommandError, match="Nothing was restored"):
            run("restore", copy)

        assert not places.file("new").exists()


def test_a_packed_copy_that_is_damaged_inside_is_not_restored(places, copy):
    with places.at("old"):
        for _person in range(50):
            UserFactory()
        run("backup", copy)
    data = bytearray(copy.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = b"\x00" * 64
    copy.write_bytes(data)
    with (
        places.at("new", is_empty=True),
        pytest.raises(CommandError, match="Nothing was restored"),
    ):
        run("restore", copy)


def test_a_copy_with_broken_pages_is_not_restored(places, copy):
    with places.at("old"):
        for _person in range(200):
            UserFactory()
        run("backup", copy)
    data = gzip.decompress(copy.read_bytes())
    page = data.index(b"SQLite format 3") + 3 * 4096
    copy.write_bytes(data[:page] + b"\x55" * 4096 + data[page + 4096 :])
    with places.at("new", is_empty=True):
        with pytest.raises(CommandError, match="damaged"):
            run("restore", copy)

        assert not places.file("new").exists()


def test_a_copy_of_a_newer_site_is_not_restored(places, copy):
    with places.at("old"):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied)"
                " VALUES ('meetings', '9999_later', '2027-01-01')"
            )
        keep("photos/a.webp", b"a face")
        run("backup", copy)
    with places.at("new", is_empty=True):
        with pytest.raises(CommandError, match=r"newer version .* meetings\.9999_later"):
            run("restore", copy)

        assert not places.file("new").exists()
        assert list(stored_names()) == []


def test_a_link_in_an_archive_leads_nowhere(places, copy, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with places.at("old"):
        run("backup", copy)
    plain = copy.with_suffix("")
    plain.write_bytes(gzip.decompress(copy.read_bytes()))
    with tarfile.open(plain, "a") as tar:
        link = tarfile.TarInfo("media/link")
        link.type, link.linkname = tarfile.SYMTYPE, str(secret)
        tar.addfile(link)
    with places.at("new", is_empty=True):
        run("restore", plain)

        assert not places.file("new").with_name("media").exists()


def a_reader_of(file):
    other = sqlite3.connect(file)
    other.execute("SELECT count(*) FROM accounts_user")
    return other


def test_an_open_connection_to_the_copy_stops_the_restore(places, copy):
    """For example a thread that still waits for a calendar."""
    with places.at("old"):
        run("backup", copy)
    with places.at("new", is_empty=True):
        with (
            pytest.raises(InvalidBackup, match="Something still works on the copy"),
            restored(copy),
        ):
            other = a_reader_of(connection.settings_dict["NAME"])
        other.close()

        assert not places.file("new").exists()
