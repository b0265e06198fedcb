"""Finds the site's classes, their bases, and their uses."""

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from django.apps import AppConfig
from django.core.management import BaseCommand
from django.db.models import Manager, Model, QuerySet
from django.utils.module_loading import import_string

from tests.structure.source import FUNCTIONS, Module, imports, owner

PATH = re.compile(r"\w+(\.\w+)+(:\w+)?")
PROTOCOLS = ("typing.Protocol", "typing_extensions.Protocol")
TAKES_TYPES = ("TypeVar", "cast")


@dataclass
class Class:
    name: str
    place: str
    module: str
    is_abstract: bool
    is_registered: bool
    bases: list[str] = field(default_factory=list)
    # For each use, the classes whose bodies contain it.
    used_in: list[list[str]] = field(default_factory=list)


class Classes:
    """The classes of some modules, by dotted name."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules = modules
        self.bindings = {
            name: {each.name: each.bound_to for each in imports(module)}
            for name, module in modules.items()
        }
        self.all: dict[str, Class] = {}
        for module in modules.values():
            self.all.update(_definitions(module, module.tree, module.name))
        for module in modules.values():
            _Reader(self, module).visit(module.tree)

    def canonical(self, dotted: str) -> str:
        """The dotted name of the definition, following re-exports."""
        seen: set[str] = set()
        while dotted not in seen:
            seen.add(dotted)
            module = owner(dotted, self.modules)
            if module is None or module == dotted:
                break
            first, *rest = dotted.removeprefix(f"{module}.").split(".")
            if f"{module}.{first}" in self.all or first not in self.bindings[module]:
                break
            dotted = ".".join([self.bindings[module][first], *rest])
        return dotted

    def subclasses(self, name: str) -> list[str]:
        return [other for other, each in self.all.items() if name in each.bases]

    def descendants(self, name: str) -> set[str]:
        below = set(self.subclasses(name))
        return below.union(*(self.descendants(each) for each in below))

    def is_a(self, name: str, *kinds: type) -> bool:
        """Whether it inherits, directly or not, from one of these Django classes."""
        return any(_is_django(base, kinds) for base in self._outside_bases(name))

    def is_used(self, name: str) -> bool:
        """Whether the class is used outside its own body and those of its subclasses."""
        each = self.all[name]
        family = {name, *self.descendants(name)}
        return (
            each.is_registered
            or (self.is_a(name, Model) and not each.is_abstract)
            or self.is_a(name, AppConfig)
            or (self.is_a(name, BaseCommand) and ".management.commands." in each.module)
            or any(base in PROTOCOLS for base in each.bases)
            or any(family.isdisjoint(bodies) for bodies in each.used_in)
        )

    def _outside_bases(self, name: str) -> Iterator[str]:
        for base in self.all[name].bases:
            if base in self.all:
                yield from self._outside_bases(base)
            else:
                yield base


def chains(modules: Mapping[str, Module]) -> list[str]:
    """Classes that only their single subclass uses, and abstract models of a single table."""
    classes = Classes(modules)
    found = []
    for name, each in classes.all.items():
        heirs = classes.subclasses(name)
        if each.is_abstract and classes.is_a(name, Model):
            tables = [x for x in classes.descendants(name) if not classes.all[x].is_abstract]
            if len(tables) == 1:
                table = classes.all[tables[0]]
                found.append(
                    f"{each.place}: {each.name} is abstract, and its one table is "
                    f"{table.name} ({table.place})"
                )
                continue
        if len(heirs) == 1 and not classes.is_used(name):
            heir = classes.all[heirs[0]]
            found.append(
                f"{each.place}: {each.name} is never used itself, and its one subclass is "
                f"{heir.name} ({heir.place})"
            )
    return found


def without_tables(modules: Mapping[str, Module]) -> list[str]:
    """Modules of a models folder that define no model, manager or QuerySet."""
    classes = Classes(modules)
    stocked = {
        each.module
        for name, each in classes.all.items()
        if classes.is_a(name, Model, Manager, QuerySet)
    }
    return [
        f"{module.path}:1: defines no model, manager or QuerySet"
        for name, module in modules.items()
        if module.path.split("/")[1] == "models" and not module.is_package and name not in stocked
    ]


class _Reader(ast.NodeVisitor):
    """Collects, in one module, subclasses and uses of our classes."""

    def __init__(self, classes: Classes, module: Module) -> None:
        self.classes = classes
        self.module = module
        self.scopes: list[str] = [module.name]

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        here = self.classes.all.get(f"{self.scopes[-1]}.{node.name}")
        for base in node.bases:
            self._inherit(here, base)
        for each in [*node.decorator_list, *node.keywords]:
            self.visit(each)
        self._inside(node.name, node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_arg(self, node: ast.arg) -> None:
        self._type(node.annotation)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.target)
        self._type(node.annotation)
        if node.value is not None:
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        self._type(node.slice)

    def visit_Call(self, node: ast.Call) -> None:
        takes_types = ast.unparse(node.func).rpartition(".")[2] in TAKES_TYPES
        visit = self._type if takes_types else self.visit
        self.visit(node.func)
        for each in [*node.args, *(keyword.value for keyword in node.keywords)]:
            visit(each)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._use(self._resolve(node.id))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        dotted = _dotted(node)
        if dotted is None:
            self.generic_visit(node)
        else:
            self._use(self._resolve(dotted))

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and PATH.fullmatch(node.value):
            self._use(self.classes.canonical(node.value.replace(":", ".")))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for each in [*node.decorator_list, node.args]:
            self.visit(each)
        self._type(node.returns)
        self._inside(node.name, node.body)

    def _inside(self, name: str, body: list[ast.stmt]) -> None:
        self.scopes.append(f"{self.scopes[-1]}.{name}")
        for statement in body:
            self.visit(statement)
        self.scopes.pop()

    def _inherit(self, here: Class | None, base: ast.expr) -> None:
        if isinstance(base, ast.Subscript):
            self._inherit(here, base.value)
            self._type(base.slice)
        elif (dotted := _dotted(base)) is None:
            self.visit(base)
        elif here is not None:
            # In `class Event(Event)`, the base is the imported one.
            shadow = self.classes.bindings[self.module.name].get(here.name)
            own = dotted == here.name and shadow
            here.bases.append(self.classes.canonical(own) if own else self._resolve(dotted))

    def _type(self, node: ast.expr | None) -> None:
        """Visit an annotation, in which a string is a forward reference."""
        if node is None:
            return
        self.visit(node)
        for each in ast.walk(node):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                with suppress(SyntaxError):
                    self.visit(ast.parse(each.value, mode="eval").body)

    def _resolve(self, dotted: str) -> str:
        first, dot, rest = dotted.partition(".")
        for scope in reversed(self.scopes):
            if f"{scope}.{first}" in self.classes.all:
                return f"{scope}.{first}{dot}{rest}"
        bound_to = self.classes.bindings[self.module.name].get(first, first)
        return self.classes.canonical(f"{bound_to}{dot}{rest}")

    def _use(self, dotted: str) -> None:
        bodies = [scope for scope in self.scopes if scope in self.classes.all]
        while dotted:
            if dotted in self.classes.all:
                self.classes.all[dotted].used_in.append(bodies)
            dotted = dotted.rpartition(".")[0]


def _definitions(module: Module, node: ast.AST, scope: str) -> Iterator[tuple[str, Class]]:
    """Every class in node except Meta classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            name = f"{scope}.{child.name}"
            if child.name != "Meta" or not isinstance(node, ast.ClassDef):
                place = f"{module.path}:{child.lineno}"
                registered = any(
                    "register" in ast.unparse(each).partition("(")[0]
                    for each in child.decorator_list
                )
                yield name, Class(child.name, place, module.name, _is_abstract(child), registered)
            yield from _definitions(module, child, name)
        elif isinstance(child, FUNCTIONS) and not isinstance(child, ast.Lambda):
            yield from _definitions(module, child, f"{scope}.{child.name}")
        else:
            yield from _definitions(module, child, scope)


def _is_abstract(node: ast.ClassDef) -> bool:
    return any(
        ast.unparse(line) == "abstract = True"
        for meta in node.body
        if isinstance(meta, ast.ClassDef) and meta.name == "Meta"
        for line in meta.body
    )


def _is_django(dotted: str, kinds: tuple[type, ...]) -> bool:
    if not dotted.startswith("django."):
        return False
    with suppress(ImportError):
        found = import_string(dotted)
        return isinstance(found, type) and issubclass(found, kinds)
    return False


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)) is not None:
        return f"{before}.{node.attr}"
    return None
