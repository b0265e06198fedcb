"""Finds import cycles, imports inside functions, and exceptions in import-linter's settings."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.structure.source import FUNCTIONS, Import, Module, imports, owner

Graph = dict[str, dict[str, list[str]]]  # {importer: {imported: [places]}}

NOQA = re.compile(r"#\s*noqa\b(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?")
WORDS = re.compile(r"[^\W\d_]+")
BLIND = ("ignore_imports", "unmatched_ignore", "exclude_type_checking_imports")


def package_of(module: str) -> str:
    """The package of a module: accounts is one; elsewhere each folder or module at the top is."""
    parts = module.split(".")
    return parts[0] if parts[0] == "accounts" else ".".join(parts[:2])


def package_rings(modules: Mapping[str, Module]) -> list[str]:
    """Packages that import each other; imports for types and inside functions count too."""
    graph = _graph(modules)
    between: Graph = defaultdict(lambda: defaultdict(list))
    for source, targets in graph.items():
        for target, places in targets.items():
            if package_of(source) != package_of(target):
                between[package_of(source)][package_of(target)] += places
    return _rings(between)


def module_rings(modules: Mapping[str, Module]) -> list[str]:
    """Modules of one package that import each other; imports through an __init__ are ignored."""
    within: Graph = defaultdict(lambda: defaultdict(list))
    for source, targets in _graph(modules).items():
        for target, places in targets.items():
            if (
                package_of(source) == package_of(target)
                and not modules[source].is_package
                and not modules[target].is_package
            ):
                within[source][target] += places
    return _rings(within)


def hidden_imports(modules: Mapping[str, Module], libraries: Mapping[str, str]) -> list[str]:
    """Imports inside functions that have no comment with the reason, or import nothing heavy.

    Heavy are these libraries, and modules that load one, directly or through their own package. An
    AppConfig's ready() may import anything, since Django loads apps.py before the models.
    """
    found, needed = [], set()
    for module in modules.values():
        for each, in_ready in _inside_functions(module):
            if not _has_reason(module, each):
                found.append(f"{each.place}: {each.dotted} without noqa: PLC0415 and its reason")
            loaded = {name for name in libraries if _loads(name, each.dotted, modules)}
            needed |= loaded
            if not loaded and not in_ready:
                found.append(f"{each.place}: {each.dotted} inside a function, and is not heavy")
    unneeded = [f"{name}: listed, but no function imports it" for name in libraries.keys() - needed]
    return found + sorted(unneeded)


def blind_spots(pyproject: str) -> list[str]:
    """Settings of import-linter that ignore imports, and contracts that check nothing."""
    settings = tomllib.loads(pyproject).get("tool", {}).get("importlinter", {})
    found = [
        f"pyproject.toml:{number}: {key}"
        for key in sorted(set(_keys(settings)))
        if key.startswith(BLIND)
        for number, line in enumerate(pyproject.splitlines(), start=1)
        if re.search(rf"(^|[\s{{,\"']){key}[\"']?\s*=", line)
    ]
    missing = {"accounts", "meetings", "p2plearn"} - set(settings.get("root_packages", []))
    found += [f"pyproject.toml:1: import-linter does not see {name}" for name in sorted(missing)]
    if not any(each.get("type") == "layers" for each in settings.get("contracts", [])):
        found.append("pyproject.toml:1: import-linter holds no layers")
    return found


def _graph(modules: Mapping[str, Module]) -> Graph:
    graph: Graph = defaultdict(lambda: defaultdict(list))
    for module in modules.values():
        for each in imports(module):
            target = owner(each.dotted, modules)
            if target and target != module.name and each.place not in graph[module.name][target]:
                graph[module.name][target].append(each.place)
    return graph


def _rings(graph: Graph) -> list[str]:
    """One string per cycle: its members, then its imports, the rarest direction first."""
    reached = {node: _reachable(node, graph) for node in graph}
    rings = {
        tuple(sorted(other for other in reached[node] if node in reached.get(other, ())))
        for node in graph
        if node in reached[node]
    }
    return [_describe(ring, graph) for ring in sorted(rings)]


def _reachable(node: str, graph: Graph) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[node])
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += graph.get(current, {})
    return seen


def _describe(ring: tuple[str, ...], graph: Graph) -> str:
    edges = [
        (len(places), f"    {source} imports {target}: {', '.join(places)}")
        for source in ring
        for target, places in graph[source].items()
        if target in ring
    ]
    return "\n".join([f"ring of {', '.join(ring)}", *(text for _, text in sorted(edges))])


def _inside_functions(module: Module) -> Iterator[tuple[Import, bool]]:
    """`(import, whether it is in the ready() of apps.py)`."""
    inside, ready = set(), set()
    for node in ast.walk(module.tree):
        if isinstance(node, FUNCTIONS):
            nodes = set(ast.walk(node))
            inside |= nodes
            if getattr(node, "name", "") == "ready" and module.path.endswith("/apps.py"):
                ready |= nodes
    for each in imports(module):
        if each.node in inside:
            yield each, each.node in ready


def _has_reason(module: Module, each: Import) -> bool:
    """Whether the statement has noqa: PLC0415, and a comment on or above it gives the reason."""
    lines = module.source.splitlines()
    first, last = each.node.lineno - 1, each.node.end_lineno or each.node.lineno
    own = [line[line.index("#") :] for line in lines[first:last] if "#" in line]
    if not any("noqa" in comment and "PLC0415" in comment for comment in own):
        return False
    above = first - 1
    while above > 0 and lines[above].lstrip().startswith(("from ", "import ")):
        above -= 1
    before = lines[above].strip()
    comments = [*own, before] if before.startswith("#") else own
    return any(len(WORDS.findall(NOQA.sub("", comment))) > 1 for comment in comments)


def _loads(library: str, dotted: str, modules: Mapping[str, Module]) -> bool:
    seen: set[str] = set()
    waiting = [dotted]
    while waiting:
        current = waiting.pop()
        if f"{current}.".startswith(f"{library}."):
            return True
        module = owner(current, modules)
        if module is not None and module not in seen:
            seen.add(module)
            folder = module if modules[module].is_package else module.rpartition(".")[0]
            for each in imports(modules[module], at_load=True):
                target = owner(each.dotted, modules)
                if target is None or target.startswith(f"{folder}."):
                    waiting.append(each.dotted)
    return False


def _keys(settings: Any) -> Iterator[str]:
    if isinstance(settings, dict):
        for key, value in settings.items():
            yield key
            yield from _keys(value)
    elif isinstance(settings, list):
        for value in settings:
            yield from _keys(value)
