"""What a process remembers is bounded: every cache with a key says how many it keeps, or stands here with what bounds
its keys."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "qingmiao"
NORMS = "the tables and measures of the norms; a name that is none raises, and nothing is kept of it"
ROLES = "the sets of roles that the packs of a process give these steps"
PACKS = "what the pack has; an id that it has not raises, and nothing is kept of it"
BOUNDED = {
    "demo/tables/fitness.py: ladder": NORMS,
    "flow/records.py: charge": ROLES,
    "flow/records.py: child": ROLES,
    "flow/records.py: child_list": ROLES,
    "flow/records.py: consent": ROLES,
    "flow/records.py: erasure": ROLES,
    "flow/records.py: file_request": ROLES,
    "flow/records.py: glass_review": ROLES,
    "flow/records.py: health_record": ROLES,
    "flow/records.py: mother": ROLES,
    "flow/records.py: twice_filed": ROLES,
    "flow/records.py: twins": ROLES,
    "identity/likeness.py: _rows": "the files of the package that it names",
    "flow/house.py: inspection": "the sets of roles of the checklists of a pack",
    "flow/house.py: draw": "the sets of roles of the checklists of a pack",
    "report/layouts/__init__.py: _standard": "the layouts that come with the program; another id raises",
    "report/wording.py: _base": "the two languages of reports; another raises",
    "site/apps/returns/pack_returns.py: rules": PACKS,
    "site/web/api/fhir/definitions.py: _made": "one pack a process, three kinds",
    "site/pack.py: _areas": "one pack a process; forgotten with it",
    "site/pack.py: _loaded": "one pack a process; forgotten with it",
    "site/web/console/deeds.py: _words": "one pack a process",
    "standards/fitness/tables.py: item": NORMS,
    "standards/fitness/tables.py: plausible": NORMS,
    "standards/growth/birth.py: table": NORMS,
    "standards/growth/curves.py: curves": NORMS,
    "standards/growth/haemoglobin.py: limits": NORMS,
    "standards/growth/who2006.py: age_table": NORMS,
    "standards/growth/who2007.py: month_table": NORMS,
    "standards/growth/wst423.py: table": NORMS,
    "standards/norm_tables.py: rows": NORMS,
    "standards/norm_tables.py: sources": NORMS,
}
"""Functions with arguments whose results are all kept (`functools.cache`)."""
FILLED = {
    "figures/english/__init__.py: NOTHING": "stays empty",
    "measure/engine.py: _instances": "the settings of engines that the program names; one process",
    "site/apps/directory/doors.py: DOORS": "each app registers its own when it is loaded",
    "site/apps/records/kinds.py: _KEPT": "the pack in use, with its kinds",
    "site/apps/facts/outbox.py: _consumers": "each app registers its own when it is loaded",
    "site/apps/facts/sources.py: _kinds": "each app registers its own when it is loaded",
    "site/apps/facts/sources.py: _records": "each app registers its own when it is loaded",
    "site/apps/files/sweeping.py: _USERS": "each app registers its own when it is loaded",
    "site/apps/monitoring/state.py: _states": "the two used last",
    "site/apps/returns/reading.py: _reading": "who is reading a file now; taken out in the end, whatever happens",
    "site/apps/records/hearing.py: _HEARING": "each app registers its own when it is loaded",
    "site/apps/records/hearing.py: _HOLDING": "each app registers its own when it is loaded",
    "site/apps/tasks/sources.py: _SOURCES": "each app registers its own when it is loaded",
    "site/web/api/fhir/served.py: SERVERS": "each app registers its own when it is loaded",
    "site/web/console/history.py: NONE": "stays empty",
    "site/web/ui/fragments.py: _frames": "FRAMES, the oldest go",
    "site/web/ui/fragments.py: _tokens": "FRAMES, the oldest go",
    "site/web/ui/language.py: _SPEAKERS": "the pack in use; cleared for another",
}
"""Tables of modules that begin empty and are filled while the process runs."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if "/built/" not in name:
            yield name, ast.parse(path.read_text("utf-8"))


def keeps_all(decorator: ast.expr) -> bool:
    """`cache`, or `lru_cache` without a bound; `lru_cache` alone keeps 128."""
    said = ast.unparse(decorator)
    return said.removeprefix("functools.") == "cache" or ("lru_cache" in said and "None" in said)


def unbounded(tree: ast.Module) -> Iterator[str]:
    """The cached functions of a module that take an argument and keep every result."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            takes = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            if any(takes) and any(map(keeps_all, node.decorator_list)):
                yield node.name
        elif isinstance(node, ast.Call) and keeps_all(node.func):  # cache(function), kept on an object or a module
            yield ast.unparse(node)


def begins_empty(value: ast.expr | None) -> bool:
    match value:
        case ast.Dict(keys=[]) | ast.List(elts=[]):
            return True
        case ast.Call(func=made, args=[] | [ast.Name()], keywords=[]):
            return ast.unparse(made).rpartition(".")[2] in {
                "dict",
                "list",
                "set",
                "deque",
                "OrderedDict",
                "defaultdict",
            }
    return False


def filled(tree: ast.Module) -> Iterator[str]:
    """The tables of a module that begin empty."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign | ast.Assign) and begins_empty(node.value):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            yield ast.unparse(target)


def test_every_function_that_keeps_all_results_says_what_bounds_its_keys() -> None:
    assert {f"{name}: {f}" for name, tree in modules() for f in unbounded(tree)} == set(BOUNDED)


def test_every_table_that_fills_says_what_bounds_it() -> None:
    assert {f"{name}: {t}" for name, tree in modules() for t in filled(tree)} == set(FILLED)


def test_what_is_not_bounded_is_found() -> None:
    source = (
        "seen: dict[str, int] = {}\nlast = deque()\nknown = {1: 2}\n"
        "@cache\ndef a(x): ...\n@lru_cache(maxsize=None)\ndef b(*x): ...\n@lru_cache(maxsize=9)\ndef c(x): ...\n"
        "@cache\ndef d(): ...\nclass E:\n    def f(self):\n        self.f = functools.cache(self.g)\n"
    )
    tree = ast.parse(source)
    assert list(filled(tree)) == ["seen", "last"]
    assert set(unbounded(tree)) == {"a", "b", "functools.cache(self.g)"}
