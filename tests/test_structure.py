"""The structure of the code: imports, classes, and the length of files.

tests/structure tests that each rule finds violations and nothing else.
"""

from pathlib import Path

import pytest
from django.conf import settings

from tests.structure.classes import chains, without_tables
from tests.structure.imports import blind_spots, hidden_imports, module_rings, package_rings
from tests.structure.source import parse, read

ROOT = Path(settings.BASE_DIR)
FOLDERS = ("accounts", "meetings", "p2plearn", "bin")
MOST_LINES = 300

# Libraries that a function may import, directly or through a module of ours, and why.
HEAVY_LIBRARIES = {
    "google_auth_oauthlib": "takes 100 ms, and is needed only by who connects a calendar",
    "googleapiclient": "takes 45 ms and 6 MB, and many sites run without Google",
    "sentry_sdk": "is optional, so that it may not be installed",
}


@pytest.fixture(scope="module")
def sources():
    return read(ROOT, FOLDERS)


@pytest.fixture(scope="module")
def modules(sources):
    return parse(sources)


def too_long(sources):
    return [
        f"{path}:{MOST_LINES + 1}: {count} lines, and {MOST_LINES} are the most"
        for path, text in sources.items()
        if (count := len(text.splitlines())) > MOST_LINES
    ]


def test_no_class_is_there_for_its_one_subclass_alone(modules):
    found = chains(modules)

    assert found == [], "\n" + "\n".join(found)


def test_a_module_of_models_defines_models(modules):
    found = without_tables(modules)

    assert found == [], "\n" + "\n".join(found)


def test_no_ring_between_packages(modules):
    found = package_rings(modules)

    assert found == [], "\n" + "\n".join(found)


def test_no_ring_between_the_modules_of_a_package(modules):
    found = module_rings(modules)

    assert found == [], "\n" + "\n".join(found)


def test_functions_import_only_what_is_heavy_and_say_why(modules):
    found = hidden_imports(modules, HEAVY_LIBRARIES)

    assert found == [], "\n" + "\n".join(found)


def test_no_file_is_too_long(sources):
    found = too_long(sources)

    assert found == [], "\n" + "\n".join(found)


def test_import_linter_is_told_to_ignore_nothing():
    found = blind_spots((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    # import-linter reads these folders too.
    elsewhere = [name for name in (".importlinter", "setup.cfg") if (ROOT / name).exists()]

    assert (found, elsewhere) == ([], []), "\n" + "\n".join(found)


def test_the_whole_site_is_read(modules):
    names = {"accounts.models.user", "meetings.urls", "p2plearn.settings", "bin.run"}

    assert names <= modules.keys()
    assert not any("migrations" in name for name in modules)


def test_a_file_that_is_too_long_is_found():
    tree = {"a/long.py": "x\n" * 301, "a/short.py": "x\n" * 300}

    assert [each.split(": ")[0] for each in too_long(tree)] == ["a/long.py:301"]


def test_files_are_read_but_no_migrations(tmp_path):
    for name in ("a/models/row.py", "a/migrations/0001.py", "a/page.html", "other/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1")

    assert read(tmp_path, ["a"]) == {"a/models/row.py": "x = 1"}
