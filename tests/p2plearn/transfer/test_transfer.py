"""manage.py export_data and import_data; test_further_rows.py moves between kinds of databases."""

import errno
import gzip
import json
import re
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from accounts.models import CalendarConnection, User
from meetings.models import BusyCell, Meeting
from p2plearn.transfer.export import snapshot
from p2plearn.transfer.file import Writer
from p2plearn.transfer.media import keep
from p2plearn.transfer.models import LEFT_OUT, transferred_models
from tests.e2e.races.database import as_default, empty_database
from tests.factories import UserFactory
from tests.p2plearn.backup.copies import with_files_on_disk
from tests.p2plearn.transfer.filled import fill

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(settings, tmp_path_factory):
    """The folder of uploaded files."""
    folder = tmp_path_factory.mktemp("media")
    settings.STORAGES = with_files_on_disk(settings)
    settings.MEDIA_ROOT = str(folder)
    return folder


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory, django_db_setup, django_db_blocker):
    """The DATABASE_URL of another database of the same kind, with the site's tables."""
    url = empty_database(tmp_path_factory.mktemp("elsewhere"), "elsewhere")
    with django_db_blocker.unblock(), as_default(url):
        call_command("migrate", verbosity=0)
    return url


@pytest.fixture
def empty(elsewhere, django_db_blocker):
    """The same, but without rows."""
    with as_default(elsewhere):
        call_command("flush", verbosity=0, interactive=False)
    return elsewhere


@pytest.fixture
def full():
    fill()


def export(path):
    call_command("export_data", str(path))
    return path


def load(path, **options):
    told = StringIO()
    call_command("import_data", str(path), stdout=told, **options)
    return told.getvalue()


def checksum_of(path):
    return json.loads(path.read_bytes().splitlines()[-1])["checksum"]


def counts():
    return {
        model._meta.label: model._base_manager.count()
        for model in transferred_models()
        if model._base_manager.exists()
    }


def test_every_model_is_carried_or_named_as_left_out(full):
    """A new model needs a row in filled.py, or a reason why it is left out."""
    assert {label for label, count in counts().items() if count} | LEFT_OUT.keys() == {
        model._meta.label for model in apps.get_models(include_auto_created=True)
    }


def test_everything_arrives_and_its_checksum_stays(full, empty, tmp_path):
    here = export(tmp_path / "here")
    before = counts()

    with as_default(empty):
        told = load(here)
        after = counts()
        there = export(tmp_path / "there")

    assert after == before
    assert f"{sum(before.values()):,} in all, sha256 {checksum_of(here)}" in told
    assert here.read_bytes().splitlines()[1:] == there.read_bytes().splitlines()[1:]


def test_an_imported_site_can_be_exported_back(full, empty, tmp_path):
    here = export(tmp_path / "here")
    with as_default(empty):
        load(here)
        there = export(tmp_path / "there")
    call_command("flush", verbosity=0, interactive=False)

    load(there)

    assert checksum_of(export(tmp_path / "back")) == checksum_of(here)


def test_what_arrives_works(full, empty, tmp_path):
    there = export(tmp_path / "there")
    with as_default(empty):
        load(there)

        mentor = User.objects.get(mentor_profile__isnull=False)
        token = CalendarConnection.objects.get().refresh_token
        confirmed = EmailConfirmation.objects.get(email_address__email="learner@example.com")
        group = Group.objects.get()
        staff = User.objects.get(is_staff=True)
        logged = LogEntry.objects.get(object_id=str(EmailAddress.objects.latest("pk").pk))
        meeting = Meeting.objects.active().get()
        cells = BusyCell.objects.cells_by_person([mentor.pk, meeting.learner_id])

        assert {(person, cell) for person in cells for cell in cells[person]} == meeting.cells()
        assert mentor.name == "Zoë Grüezi, 東京 🦉"
        assert mentor.check_password("a-good-enough-passphrase")
        assert mentor.mentor_profile.skills == ["Rust", "Go"]
        assert set(mentor.mentor_profile.tags.values_list("slug", flat=True)) == {
            "rust",
            "go",
            "de",
            "en",
        }
        assert token == "1//secret"
        assert confirmed.key == "key-learner@example.com"
        assert staff.groups.get() == group
        assert staff.has_perm("meetings.change_meeting")
        assert not staff.has_perm("accounts.change_user")
        assert str(logged.get_edited_object()) == "learner@example.com"


def test_the_other_database_counts_on_behind_what_came(full, empty, tmp_path):
    there = export(tmp_path / "there")
    with as_default(empty):
        load(there)

        person = UserFactory()
        EmailAddress.objects.create(user=person, email=person.email)
        person.groups.add(Group.objects.create(name="others"))

        assert Group.objects.latest("pk").name == "others"


def test_times_are_those_that_they_were_to_the_millisecond(full, empty, tmp_path):
    def times():
        return {
            pk: tuple(each.replace(microsecond=each.microsecond // 1000 * 1000) for each in moments)
            for pk, *moments in Meeting.objects.values_list(
                "pk", "created_at", "updated_at", "scheduled_at"
            )
        }

    before = times()
    there = export(tmp_path / "there")
    with as_default(empty):
        load(there)

        assert times() == before


def test_more_rows_than_are_in_memory_at_a_time_arrive(empty, tmp_path, monkeypatch):
    User.objects.bulk_create(
        User(name=f"Person {n}", email=f"p{n}@example.com", password="!") for n in range(2_345)
    )
    there = export(tmp_path / "there")
    with as_default(empty):
        load(there)

        assert User.objects.count() == 2_345
        assert checksum_of(export(tmp_path / "again")) == checksum_of(there)


def test_a_file_that_ends_in_gz_is_compressed_and_holds_the_same(full, tmp_path):
    plain, packed = export(tmp_path / "plain"), export(tmp_path / "packed.gz")

    unpacked = gzip.decompress(packed.read_bytes())

    assert packed.stat().st_size < plain.stat().st_size / 2
    assert unpacked.splitlines()[1:] == plain.read_bytes().splitlines()[1:]


def test_it_goes_through_a_pipe(full, empty, monkeypatch, capsysbinary):
    call_command("export_data", "-")
    piped = capsysbinary.readouterr().out
    before = counts()
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(piped)))
    with as_default(empty):
        load("-")

        assert counts() == before


def test_an_export_sees_one_moment_and_holds_nobody_up(empty):
    with as_default(empty):
        UserFactory()
        with snapshot():
            before = User.objects.count()
            with as_default(empty):
                UserFactory()

            assert (before, User.objects.count()) == (1, 1)
        assert User.objects.count() == 2


def test_uploaded_files_come_along(empty, media, settings, tmp_path):
    (media / "photos").mkdir()
    (media / "photos" / "b.webp").write_bytes(b"\x00\xff" * 1_000)
    (media / "a.txt").write_bytes(b"")
    there = export(tmp_path / "there")
    settings.MEDIA_ROOT = str(tmp_path / "elsewhere")
    with as_default(empty):
        told = load(there)

        assert "2 uploaded files" in told
        assert (tmp_path / "elsewhere/photos/b.webp").read_bytes() == b"\x00\xff" * 1_000
        assert (tmp_path / "elsewhere/a.txt").read_bytes() == b""
        assert checksum_of(export(tmp_path / "again")) == checksum_of(there)


def test_an_uploaded_file_that_differs_is_not_written_over(full, empty, media, tmp_path):
    (media / "a.txt").write_text("from there")
    (media / "b.txt").write_text("from there")
    there = export(tmp_path / "there")
    (media / "a.txt").unlink()
    (media / "b.txt").write_text("from here")
    with as_default(empty):
        with pytest.raises(CommandError, match=r"Nothing was imported.*another file b\.txt"):
            load(there)

        assert counts() == {}
    assert [path.name for path in media.iterdir()] == ["b.txt"]
    assert (media / "b.txt").read_text() == "from here"


def test_only_the_owner_can_read_the_file(tmp_path):
    assert export(tmp_path / "there").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    there = tmp_path / "there"
    there.write_text("precious")

    with pytest.raises(CommandError, match="is there already"):
        export(there)

    assert there.read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_who_is_at_it_already_is_left_alone(tmp_path):
    part = tmp_path / "there.part"
    part.write_text("half of it")

    with pytest.raises(CommandError, match="exists"):
        export(tmp_path / "there")

    assert part.read_text() == "half of it"


def test_a_file_that_is_replaced_while_rows_are_written_is_in_it(
    empty, media, tmp_path, monkeypatch
):
    (media / "old.webp").write_bytes(b"old")

    def replace_it(model, names):
        (media / "old.webp").unlink(missing_ok=True)
        (media / "new.webp").write_bytes(b"new")
        return iter(())

    monkeypatch.setattr("p2plearn.transfer.export.rows_of", replace_it)
    written = export(tmp_path / "there").read_text()

    assert "old.webp" in written
    assert "new.webp" in written


def test_a_file_that_finds_no_room_leaves_nothing_in_the_way(media, monkeypatch):
    class TooLarge(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"some of it"
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("p2plearn.transfer.media.ContentFile", TooLarge)

    with pytest.raises(OSError, match="No space"):
        keep("photos/a.webp", b"all of it")

    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_nothing_is_read_into_a_database_that_is_not_empty(full, tmp_path):
    there, before = export(tmp_path / "there"), counts()

    with pytest.raises(CommandError, match=r"not empty: it has rows of \w+\.\w+\. Import into"):
        load(there)

    assert counts() == before


def cut(data):
    return data[: len(data) // 2]


def without_its_end(data):
    return b"".join(data.splitlines(keepends=True)[:-1])


def without_a_row(data):
    lines = data.splitlines(keepends=True)
    return b"".join(lines[:5] + lines[6:])


def with_another_letter(data):
    return data.replace(b"learner@example.com", b"Learner@example.com")


def with_another_row(data):
    lines = data.splitlines(keepends=True)
    return b"".join([*lines, lines[1]])


def of_another_version(data):
    return data.replace(b'"version":1', b'"version":2', 1)


def of_another_site(data):
    return re.sub(rb'"notes_revision",', b"", data, count=1)


def of_other_migrations(data):
    return data.replace(b'"meetings":["0', b'"meetings":["9', 1)


def of_something_else(data):
    return b'{"format":"another"}\n'


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (cut, "cut off"),
        (without_its_end, "cut off"),
        (without_a_row, "altered"),
        (with_another_letter, "altered"),
        (with_another_row, "altered"),
        (of_another_version, "of version 2"),
        (of_another_site, "meetings.Meeting is not the same"),
        (of_other_migrations, "another version"),
        (of_something_else, "not written by export_data"),
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_file_that_is_not_as_it_was_written_is_refused(
    full, empty, tmp_path, spoil, told, is_packed
):
    there = export(tmp_path / "there")
    spoilt = tmp_path / "spoilt"
    data = spoil(there.read_bytes())
    spoilt.write_bytes(gzip.compress(data) if is_packed else data)
    with as_default(empty):
        with pytest.raises(CommandError, match=f"Nothing was imported.*{told}"):
            load(spoilt)

        assert counts() == {}


def test_a_compressed_file_that_is_cut_off_is_refused(full, empty, tmp_path):
    there = export(tmp_path / "there.gz")
    there.write_bytes(cut(there.read_bytes()))
    with as_default(empty):
        with pytest.raises(CommandError, match="cannot be unpacked"):
            load(there)

        assert counts() == {}


def test_rows_that_do_not_fit_leave_nothing_behind(full, empty, tmp_path):
    """The file was made by hand, with a correct checksum."""
    lines = export(tmp_path / "there").read_bytes().splitlines(keepends=True)
    forged = tmp_path / "forged"
    with forged.open("wb") as file:
        writer = Writer(file)
        file.write(lines[0])
        for line in [*lines[1:-1], lines[-2]]:
            label, *values = json.loads(line)
            writer.add(label, values)
        writer.end()
    with as_default(empty):
        with pytest.raises(CommandError, match=r"Nothing was imported.*IntegrityError"):
            load(forged)

        assert counts() == {}
