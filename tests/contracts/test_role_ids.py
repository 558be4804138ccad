"""Roles are content: the code names the ids of the house's flows in one module, and the built-in ones in another."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from qingmiao.content.roles import BUILT_IN
from qingmiao.flow import house

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src/qingmiao"
SAID_IN = {
    "flow/house.py": "the house's own flows name roles in their tables; whoever names one of them asks this module",
    "content/roles.py": "the four roles that no file may change",
}
OTHER_WORDS = {
    "content/organisations.py": {"hospital", "school", "statistics"},  # kinds of units
    "content/words.py": {"hospital", "school", "statistics"},  # the same in Chinese
    "site/demo/records/units.py": {"school"},  # the same
    "site/demo/accounts.py": {"committee_office", "statistics"},  # units of the pack where made-up people sit
    "demo/tables/schooling.py": {"school"},  # a trait of made-up schools
    "content/sheets.py": {"school"},  # what a column of a list says
    "demo/register/events.py": {"school"},  # a column of made-up records
    "demo/register/units.py": {"school"},  # kinds of made-up units
    "site/demo/records/events.py": {"school"},  # the same column
    "site/web/api/rest/children.py": {"school"},  # a property of a child's JSON
}
"""Where the same letters are no role, and what they are."""


def role_ids() -> set[str]:
    """The ids of every role of every pack in this tree, and of the built-in ones."""
    return {p.stem for p in ROOT.glob("content/*/roles/*.yaml")} | set(BUILT_IN)


def named(text: str, ids: set[str]) -> Iterator[tuple[int, str]]:
    """The role ids that a module's literals are equal to, with their lines."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and node.value in ids:
            yield node.lineno, node.value


def test_a_role_is_named_by_its_id_in_one_module_alone() -> None:
    ids, found = role_ids(), []
    for path in sorted(SRC.rglob("*.py")):
        name = path.relative_to(SRC).as_posix()
        if name in SAID_IN or "/migrations/" in name:
            continue
        words = OTHER_WORDS.get(name, set())
        found += [f"{name}:{line} {word}" for line, word in named(path.read_text("utf-8"), ids) if word not in words]
    assert found == []


def test_no_page_asks_for_a_role_by_its_id() -> None:
    quoted = re.compile(r"""["']({})["']""".format("|".join(sorted(role_ids()))))
    pages = [p for p in SRC.rglob("templates/**/*.html") if "built" not in p.parts]
    assert len(pages) > 40
    assert [p.name for p in pages if quoted.search(p.read_text("utf-8"))] == []


def test_the_exceptions_are_still_needed_and_the_house_names_only_what_a_pack_has() -> None:
    ids = role_ids()
    for name, words in OTHER_WORDS.items():
        assert {word for _, word in named((SRC / name).read_text("utf-8"), ids)} == words
    assert ids - set(BUILT_IN) >= house.ROLES
    assert {role for flow in house.HOUSE.values() for step in flow.steps for role in step.roles} <= house.ROLES
