"""Where the apps write, and through what: read from their source, for `test_writes_behind_doors.py`.

A write is behind a door when it stands inside `access.work` or `access.beside`, or in a function that is reached from
nothing but such places and from what a `Door` carries out (its effects, its changes).
"""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
APPS = "qingmiao.site.apps"
SETTERS = {
    "save", "create", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete",
}  # fmt: skip
STATEMENTS = ("INSERT", "UPDATE ", "DELETE ", "COPY ", "TRUNCATE")
ROWS = ("objects", "_manager", "rows", "found", "records", "_current", "parties")
"""What an `update` is called on where it sets rows and not a dict or a digest."""
DOORS = ("access", "server", "api", "saving", "book")
"""Whose `create` and `save` are doors themselves, or no database."""
GUARDS = {"work", "beside"}
CARRIED_OUT = ("EFFECTS", "CHANGES")

Function = tuple[str, str]
"""Module and name; methods as `Class.method`."""


@dataclass
class Read:
    """What was read: the functions, what each writes (line → whether inside a guard), by whom each is used."""

    functions: set[Function] = field(default_factory=set)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    writes: dict[Function, dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))
    uses: dict[Function, set[tuple[Function, bool]]] = field(default_factory=lambda: defaultdict(set))

    def beside(self) -> set[str]:
        """The functions that write beside every door, as `module:function`."""
        behind = self._behind()
        return {
            f"{module.removeprefix(f'{APPS}.')}:{name}"
            for (module, name), lines in self.writes.items()
            if (module, name) not in behind and not all(lines.values())
        }

    def _behind(self) -> set[Function]:
        behind: set[Function] = set()
        while True:
            new = {
                one
                for one, uses in self.uses.items()
                if one not in behind and all(guarded or by in behind | {one} for by, guarded in uses)
            }
            if not new:
                return behind
            behind |= new

    def resolved(self, whole: str, deep: int = 0) -> Function | None:
        """The function that a dotted name stands for, through what modules hand on."""
        module, _, name = whole.rpartition(".")
        if (module, name) in self.functions:
            return module, name
        if deep < 6 and name in self.names.get(module, {}):
            return self.resolved(self.names[module][name], deep + 1)
        return None


def read() -> Read:
    """Read every module of the apps but the migrations."""
    found = Read()
    root = SOURCE / APPS.replace(".", "/")
    trees = {
        ".".join(path.relative_to(SOURCE).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
        for path in sorted(root.rglob("*.py"))
        if "migrations" not in path.parts
    }
    for module, tree in trees.items():
        found.names[module] = _imported(tree)
        found.functions |= {(module, name) for name, _ in _parts(tree) if name}
    for module, tree in trees.items():
        for name, body in _parts(tree):
            for node in body:
                _Walk(found, module, name, carried_out=_carried_out(node)).visit(node)
    return found


def _imported(tree: ast.Module) -> dict[str, str]:
    return {
        one.asname or one.name: f"{node.module}.{one.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for one in node.names
    }


def _parts(tree: ast.Module) -> list[tuple[str, list[ast.stmt]]]:
    """The functions and methods of a module with their bodies; what stands outside of them has no name."""
    parts: list[tuple[str, list[ast.stmt]]] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            parts.append((node.name, node.body))
        elif isinstance(node, ast.ClassDef):
            parts += [(f"{node.name}.{m.name}", m.body) for m in node.body if isinstance(m, ast.FunctionDef)]
            parts.append(("", [m for m in node.body if not isinstance(m, ast.FunctionDef)]))
        else:
            parts.append(("", [node]))
    return parts


def _carried_out(node: ast.stmt) -> bool:
    """Whether this is a table of what a door carries out."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(t, ast.Name) and t.id.strip("_").endswith(CARRIED_OUT) for t in targets)


class _Walk(ast.NodeVisitor):
    def __init__(self, found: Read, module: str, name: str, *, carried_out: bool) -> None:
        self.found, self.module, self.name, self.guarded = found, module, name, carried_out

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            self.visit(item.context_expr)
        before = self.guarded
        self.guarded = before or any(_called(item.context_expr) in GUARDS for item in node.items)
        for one in node.body:
            self.visit(one)
        self.guarded = before

    def visit_Call(self, node: ast.Call) -> None:
        before = self.guarded
        self.guarded = before or _called(node) == "Door"
        if _writes(node):
            self.found.writes[self.module, self.name][node.lineno] = self.guarded
        self.generic_visit(node)
        self.guarded = before

    def visit_Name(self, node: ast.Name) -> None:
        own = (self.module, node.id)
        self._used(own if own in self.found.functions else self._of(node.id))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name):
            if node.value.id == "self":
                own = (self.module, f"{self.name.partition('.')[0]}.{node.attr}")
                self._used(own if own in self.found.functions else None)
            elif (whole := self.found.names[self.module].get(node.value.id)) is not None:
                self._used(self.found.resolved(f"{whole}.{node.attr}"))
        self.generic_visit(node)

    def _of(self, name: str) -> Function | None:
        whole = self.found.names[self.module].get(name)
        return self.found.resolved(whole) if whole is not None else None

    def _used(self, one: Function | None) -> None:
        if one is not None:
            self.found.uses[one].add(((self.module, self.name), self.guarded))


def _called(node: ast.expr) -> str:
    """The name of what is called."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _writes(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Attribute):
        return False
    on, name = ast.unparse(node.func.value), node.func.attr
    if name in SETTERS:
        return on not in DOORS and (name != "update" or any(word in on for word in ROWS))
    said = ast.unparse(node.args[0]) if node.args else ""
    plain = "FOR UPDATE" not in said and "TEMP" not in said
    return name in ("execute", "executemany", "copy") and plain and any(word in said for word in STATEMENTS)
