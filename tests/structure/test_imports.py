import pytest

from tests.structure.imports import blind_spots, hidden_imports, module_rings, package_rings
from tests.structure.source import parse
from tests.structure.trees import found_in

HEAVY = {"heavy": "takes a second"}
LAYERS = """
[tool.importlinter]
root_packages = ["p2plearn", "meetings", "accounts"]
[[tool.importlinter.contracts]]
type = "layers"
layers = ["p2plearn", "meetings", "accounts"]
"""
LATE = "def f():\n    import {}"
FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import {}"


@pytest.mark.parametrize("way", ["import {}", LATE, FOR_TYPES])
def test_a_ring_between_packages_is_found(way):
    tree = {
        "meetings/views/page.py": "from meetings.models.row import Row",
        "meetings/models/row.py": "from meetings import tasks\nfrom accounts.user import User",
        "meetings/tasks.py": way.format("meetings.views.page"),
        "accounts/user.py": "",
    }

    found = package_rings(parse(tree))

    assert [text.splitlines()[0] for text in found] == [
        "ring of meetings.models, meetings.tasks, meetings.views"
    ]
    assert "meetings.models imports meetings.tasks: meetings/models/row.py:1" in found[0]
    assert found_in(module_rings, tree) == []


def test_packages_in_layers_are_no_ring():
    tree = {
        "meetings/views/page.py": "import meetings.models.row\nfrom meetings.views import part",
        "meetings/views/part.py": "from meetings.models.row import Row",
        "meetings/models/row.py": "from accounts.user import User",
        "accounts/user.py": "from accounts.models import x\nimport django",
        "accounts/models/__init__.py": "import accounts.user",
    }

    assert found_in(package_rings, tree) == []


@pytest.mark.parametrize("way", ["import {}", "from . import one", LATE, FOR_TYPES])
def test_a_ring_between_modules_is_found(way):
    tree = {
        "meetings/models/one.py": "from .two import Two",
        "meetings/models/two.py": "from meetings.models.three import Three",
        "meetings/models/three.py": way.format("meetings.models.one"),
        "meetings/models/four.py": "import meetings.models.one",
    }

    found = module_rings(parse(tree))

    assert [text.splitlines()[0] for text in found] == [
        "ring of meetings.models.one, meetings.models.three, meetings.models.two"
    ]
    assert "meetings.models.one imports meetings.models.two: meetings/models/one.py:1" in found[0]


def test_a_ring_through_the_package_itself_is_none():
    tree = {
        "meetings/models/__init__.py": "from meetings.models.one import One",
        "meetings/models/one.py": "from meetings.models import Two",
    }

    assert found_in(module_rings, tree) == []


@pytest.mark.parametrize(
    "line",
    [
        "# It takes a second.\n    import heavy  # noqa: PLC0415",
        "import heavy.part  # noqa: PLC0415  it takes a second",
        "from heavy import (  # noqa: PLC0415 - it takes a second\n        part,\n    )",
        "# Takes a second.\n    import heavy.b  # noqa: PLC0415\n    import heavy  # noqa: PLC0415",
        "# It takes a second.\n    from a.outside import service  # noqa: PLC0415",
        "# It takes a second.\n    from a.outside.client import get  # noqa: PLC0415",
    ],
)
def test_a_heavy_import_with_its_reason_is_fine(line):
    tree = {
        "a/view.py": f"def f():\n    {line}",
        "a/outside/client.py": "from a.outside import service",
        "a/outside/service.py": "import heavy",
    }

    assert found_in(hidden_imports, tree, HEAVY) == []


@pytest.mark.parametrize(
    "line",
    [
        "import heavy",
        "import heavy  # noqa: PLC0415",
        "import heavy  # it takes a second",
        "# noqa: PLC0415\n    import heavy  # noqa: PLC0415",
    ],
)
def test_a_heavy_import_without_its_reason_is_found(line):
    tree = {"a/view.py": f"class View:\n  def f(self):\n    {line}"}
    last = 3 + line.count("\n")

    assert found_in(hidden_imports, tree, HEAVY) == [f"a/view.py:{last}"]


@pytest.mark.parametrize("other", ["", "def f():\n    import heavy", FOR_TYPES.format("heavy")])
def test_an_import_of_what_is_not_heavy_is_found(other):
    late = "# We were in a ring.\n    import a.light  # noqa: PLC0415"
    heavy = "# It takes a second.\n    import heavy  # noqa: PLC0415"
    tree = {"a/view.py": f"def f():\n    {late}\n\n    {heavy}", "a/light.py": other}

    assert found_in(hidden_imports, tree, HEAVY)[0] == "a/view.py:3"


def test_ready_may_import_anything_and_says_why():
    late = "class Config:\n def ready(self):\n  # Needs models.\n  import a.b  # noqa: PLC0415"
    tree = {"a/b.py": ""}

    assert found_in(hidden_imports, {**tree, "a/apps.py": late}, {}) == []
    assert found_in(hidden_imports, {**tree, "a/view.py": late}, {}) == ["a/view.py:4"]


def test_a_heavy_library_that_no_function_imports_is_found():
    assert found_in(hidden_imports, {"a/view.py": "import heavy"}, HEAVY) == ["heavy"]


@pytest.mark.parametrize(
    "line",
    [
        'ignore_imports = ["a -> b"]',
        'unmatched_ignore_imports_alerting = "none"',
        '"exclude_type_checking_imports" = true',
    ],
)
def test_what_import_linter_is_to_ignore_is_found(line):
    found = blind_spots(LAYERS + line)

    assert [each.split(": ")[0] for each in found] == ["pyproject.toml:7"]


def test_import_linter_without_layers_is_found():
    assert blind_spots(LAYERS + "# ignore_imports = []") == []
    assert len(blind_spots("")) == 4
