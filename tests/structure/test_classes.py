import pytest

from tests.structure.classes import chains, without_tables
from tests.structure.trees import found_in

BASE = "from django.db import models\nclass Base(models.Model):\n    class Meta:\n"
TABLE = "from a.base import Base\nclass Table(Base):\n    class Meta(Base.Meta):\n"


@pytest.mark.parametrize(
    "other",
    [
        "",
        "from a.base import Base",
        '__all__ = ["Base"]',
        '"""Says Base and a.base.Base in a text."""',
    ],
)
def test_a_class_with_one_subclass_is_found(other):
    tree = {
        "a/base.py": "import b\n\nclass Base:\n    def again(self) -> 'Base': return Base()",
        "a/heir.py": "from a import base\nclass Heir(base.Base):\n    x = base.Base.again",
        "a/other.py": other,
    }

    assert found_in(chains, tree) == ["a/base.py:3"]


@pytest.mark.parametrize(
    "heir",
    [
        "from a import Base\nclass Heir(Base): ...",
        "from . import Base as Old\nclass Heir(Old[int]): ...",
        "import a.base as b\nclass Base(b.Base): ...",
        "from a.base import Base\ndef make():\n    class Heir(Base): ...",
    ],
)
def test_a_base_is_known_by_whatever_name(heir):
    tree = {"a/__init__.py": "from a.base import Base", "a/base.py": "class Base: ..."}

    assert found_in(chains, {**tree, "a/heir.py": heir}) == ["a/base.py:1"]


@pytest.mark.parametrize(
    "use",
    [
        "class Second(Base): ...",
        "Base()",
        "def f(x: Base): ...",
        "def f(x: 'list[Base]'): ...",
        "def f() -> 'Base': ...",
        "x: 'Base'",
        "from typing import cast\nx = cast('Base', 1)",
        "raise Base",
        "try: ...\nexcept Base: ...",
        "class Form:\n    model = Base",
        "class Form(make(Base)): ...",
        "site.register(Base)",
        "x = 'a.base.Base'",
        "x = 'a.base:Base'",
        "x = Base.limit",
    ],
)
def test_a_class_that_is_used_may_have_one_subclass(use):
    tree = {
        "a/base.py": "class Base: ...",
        "a/heir.py": "from a.base import Base\nclass Heir(Base): ...",
        "a/use.py": f"from a.base import Base\n{use}",
    }

    assert found_in(chains, tree) == []


@pytest.mark.parametrize(
    "base",
    [
        "from typing import Protocol\nclass Base(Protocol): ...",
        "from django.db.models import Model\nclass Base(Model): ...",
        "from django.apps import AppConfig\nclass Base(AppConfig): ...",
        "@admin.register(1)\nclass Base: ...",
    ],
)
def test_what_django_finds_by_itself_is_used(base):
    heir = "from a.base import Base\nclass Heir(Base): ..."

    assert found_in(chains, {"a/base.py": base, "a/heir.py": heir}) == []


def test_a_decorator_that_registers_nothing_is_no_use():
    tree = {"a/base.py": "@dataclass\nclass Base: ...\nclass Heir(Base): ..."}

    assert found_in(chains, tree) == ["a/base.py:2"]


def test_an_abstract_model_of_one_table_is_found_though_it_is_named_in_annotations():
    tree = {
        "a/base.py": f"{BASE}        abstract = True",
        "a/middle.py": f"{TABLE}        abstract = True".replace("Table", "Middle"),
        "a/table.py": "from a.middle import Middle\nclass Table(Middle): ...",
        "a/use.py": "from a.base import Base\ndef f(x: Base): ...",
    }

    assert found_in(chains, tree) == ["a/base.py:2", "a/middle.py:2"]


def test_an_abstract_model_of_two_tables_is_fine():
    tree = {
        "a/base.py": f"{BASE}        abstract = True",
        "a/one.py": f"{TABLE}        abstract = False",
        "a/two.py": f"{TABLE}        ordering = ['x']".replace("Table", "Other"),
    }

    assert found_in(chains, tree) == []


def test_a_module_of_models_without_any_is_found():
    tree = {
        "a/models/__init__.py": "",
        "a/models/letter.py": "from a.models.rows import Rows\nclass Letter: ...",
        "a/models/rows.py": "from django.db import models\nclass Rows(models.QuerySet['X']): ...",
        "a/models/row.py": f"{BASE}        abstract = True",
        "a/models/heir.py": "from .row import Base\nclass Heir(Base): ...",
        "a/models/all.py": "from django.db.models import Manager\nclass All(Manager): ...",
        "a/models/user.py": (
            "from django.contrib.auth.models import AbstractUser\nclass User(AbstractUser): ..."
        ),
        "a/views/page.py": "",
    }

    assert found_in(without_tables, tree) == ["a/models/letter.py:1"]
