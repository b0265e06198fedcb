"""The site's Python files as syntax trees. They are parsed, never run."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Module:
    name: str
    path: str
    source: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")


@dataclass(frozen=True)
class Import:
    """One imported name: `from a import b as c` imports a.b, and binds it to c."""

    node: ast.stmt
    place: str
    dotted: str
    name: str
    bound_to: str


def read(root: Path, folders: Iterable[str]) -> dict[str, str]:
    """`{path relative to root: text}` of every Python file in folders, without migrations."""
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted((root / folder).rglob("*.py"))
        if "migrations" not in path.relative_to(root).parts
    }


def parse(sources: Mapping[str, str]) -> dict[str, Module]:
    """`{dotted name: Module}`; a package has its own name, without __init__."""
    modules = {}
    for path, source in sources.items():
        name = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        modules[name] = Module(name, path, source, ast.parse(source, path))
    return modules


def imports(module: Module, *, at_load: bool = False) -> Iterator[Import]:
    """All imports in the module; at_load: only those that run when it is loaded."""
    for node in _nodes(module.tree) if at_load else ast.walk(module.tree):
        place = f"{module.path}:{getattr(node, 'lineno', 1)}"
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                bound_to = alias.name if alias.asname else first
                yield Import(node, place, alias.name, alias.asname or first, bound_to)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, node)
            for alias in node.names:
                dotted = f"{origin}.{alias.name}"
                yield Import(node, place, dotted, alias.asname or alias.name, dotted)


def owner(dotted: str, modules: Mapping[str, Module]) -> str | None:
    """Our module that dotted names, or that contains it."""
    while dotted not in modules:
        dotted, dot, _ = dotted.rpartition(".")
        if not dot:
            return None
    return dotted


def _origin(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    above = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*above, *([node.module] if node.module else [])])


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FUNCTIONS):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        yield from _nodes(node)
