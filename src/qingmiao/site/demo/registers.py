"""The demonstration's entries of every register: sites from the made-up facts where there are such, the rest from the
fields; each by somebody of the department that keeps the register."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.content.registers import RegisterKind
from qingmiao.demo.entries import identity_number, made_up
from qingmiao.demo.scenario import ScenarioError, read_scenario
from qingmiao.forms.ready import places
from qingmiao.registers.judging import ready_register
from qingmiao.site.apps.directory.api import Reach
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.registers import api
from qingmiao.site.demo.accounts import MARK

BEGUN = 500
"""Days since when the entries are in force, so that last year has its numbers too."""


def stage(pack: Pack) -> int:
    """Enter into every register, what others belong to first; how many entries there are."""
    try:
        told = read_scenario(pack).group("registers")
    except ScenarioError:  # a pack without a scenario of its own
        return 0
    if not told:
        return 0
    every, made, count = pack.entries("registers", RegisterKind), dict[str, list[tuple[int, str, str]]](), 0
    numbers = itertools.count(1)
    for kind in sorted(every.values(), key=lambda k: (depth(every, k), k.order)):
        keeper = keeper_of(kind)
        if keeper is not None and not api.has_any(kind.id):
            made[kind.id] = list(_enter(pack, kind, Reach(keeper), told, made, numbers))
            count += len(made[kind.id])
    api.work_out_minimums()
    return count


def depth(every: Mapping[str, RegisterKind], kind: RegisterKind) -> int:
    """How many registers an entry of one hangs below."""
    return 0 if kind.within is None else 1 + depth(every, every[kind.within.register_])


def keeper_of(kind: RegisterKind) -> Person | None:
    """Somebody who keeps the register."""
    people = Person.objects.filter(organisation=kind.keeper, is_active=True, is_demo=True).order_by("username")
    unit = Organisation.objects.filter(pk=kind.keeper).first()
    return next((p for p in people if unit is not None and Reach(p).roles_over(unit) & set(kind.kept_by)), None)


def _enter(
    pack: Pack,
    kind: RegisterKind,
    keeper: Reach,
    told: Mapping[str, Any],
    made: Mapping[str, list[tuple[int, str, str]]],
    numbers: Iterator[int],
) -> Iterator[tuple[int, str, str]]:
    """(number, area, kind) of what was entered."""
    today = timezone.localdate()
    ready = ready_register(kind, pack.facts, pack.codes, places(pack))
    above = made.get(kind.within.register_, []) if kind.within is not None else []
    if wanted := (told.get("under") or {}).get(kind.id):
        above = [one for one in above if one[2] in wanted] or above
    base = list(_base(pack, kind, told, today))
    townships = [a.code for a in pack.areas.values() if a.level == "township"]
    often = told.get("entries") or {}
    size = len(base) or int(often.get(kind.id) or told["people" if kind.of == "person" else "sites"])
    cycle = (told.get("cycle") or {}).get(kind.id) or {}
    once = ("within",) in kind.unique
    if kind.within is not None and kind.of != "person" and (kind.within.required or (once and above)):
        size = min(size, len(above))
    for n in range(size):
        number = next(numbers)
        within = above[n % len(above)] if above else None
        area = within[1] if within is not None else townships[n % len(townships)]
        given = (base[n] if base else {}) | {field: said[n % len(said)] for field, said in cycle.items()}
        name = f"演示·{kind.label.zh.removesuffix('登记册').removesuffix('名录')}{n + 1}"
        if kind.of == "person":
            name = f"演示人员{number}"
        answers = made_up(
            ready, number if not base else n, on=today, area=given.get("area", area), name=name, given=given,
            centre=tuple(told["centre"]),
        )  # fmt: skip
        entered = api.enter(
            keeper, kind.id,
            api.EntryGiven(
                answers, within=within[0] if within is not None else None,
                number=identity_number(number) if kind.of == "person" else "", alike=True,
                valid_from=today - timedelta(days=BEGUN),
            ),
            quietly=True,
        )  # fmt: skip
        if not isinstance(entered, int):
            raise AssertionError(f"{kind.id}: {[(f.field, f.message) for f in entered.faults]}")
        yield entered, str(answers["area"]), str(answers.get("kind", ""))


def _base(pack: Pack, kind: RegisterKind, told: Mapping[str, Any], today: date) -> Iterator[dict[str, Any]]:
    """Answers from the newest rows of a fact table, where the scenario names one."""
    said = told["base"].get(kind.id)
    fact = pack.facts.get(said["table"]) if said is not None else None
    if said is None or fact is None or fact.area is None or fact.year is None:
        return
    rows = facts.current(pack, fact.id)
    if not rows.num_rows:
        return
    years = rows[fact.year].to_pylist()
    newest = [r for r, y in zip(rows.to_pylist(), years, strict=True) if y == max(years)]
    if (largest := said.get("largest_by")) is not None:
        newest.sort(key=lambda r: (-(r[largest] or 0), str(r)))
    codes = {k.code for k in kind.kinds}
    for row in newest[: int(said["most"])]:
        found = {field: row[column] for field, column in said["answers"].items() if row.get(column) is not None}
        found |= dict(said.get("ordinary") or {})
        if codes and "kind" in found and found["kind"] not in codes:
            continue
        mark = "" if MARK in str(found["name"]) else MARK
        yield {**found, "name": f"{found['name']}{mark}", "area": row[fact.area]}
