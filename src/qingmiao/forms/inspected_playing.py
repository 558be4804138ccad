"""A checklist's cases, played without a database: each limit tried around its end, whole visits with their result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from qingmiao.content.checklist_forms import form_of
from qingmiao.content.checklist_items import LimitSetting
from qingmiao.content.checklists import Checklist
from qingmiao.content.pack import Pack
from qingmiao.forms.fill import Filled, fill
from qingmiao.forms.inspected import ItemOutcome, outcomes, result
from qingmiao.forms.ready import places, ready_form
from qingmiao.kernel.errors import UserError

DAY = date(2026, 3, 10)
"""The day of the visits of a case."""
Case = Mapping[str, Any]
WHOLE = ("checklist", "good", "limits", "visits")
"""What every case says."""


def set_by(checklist: Checklist, case: Case) -> Checklist:
    """The checklist with the limits that the case lets the county set. Raises UserError where the case lacks a part."""
    if missing := [key for key in WHOLE if key not in case]:
        raise UserError(f"检查单的案例没有写「{missing[0]}」；要写：{'、'.join(WHOLE)}")
    given = case.get("settings") or {}
    return checklist.set_to({f"{checklist.id}.{item}": LimitSetting.model_validate(v) for item, v in given.items()})


def answered(checklist: Checklist, good: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """The good answers with some replaced, those of a repeated section in its first round."""
    found = {k: [dict(r) for r in v] if isinstance(v, list) else v for k, v in good.items()}
    inner = {f.id: top.id for top in form_of(checklist).fields if top.repeat for f in top.fields}
    for name, value in changed.items():
        (found[inner[name]][0] if name in inner else found)[name] = value
    return found


def judged(
    pack: Pack, checklist: Checklist, case: Case, changed: Mapping[str, Any]
) -> tuple[Filled, tuple[ItemOutcome, ...]]:
    """The case's good answers, some replaced, as filled in and as judged item by item."""
    ready = ready_form(form_of(checklist), pack.facts, pack.codes, places(pack))
    filled = fill(ready, answered(checklist, case["good"], changed), on=DAY)
    return filled, outcomes(checklist, filled)


def tries(limit: Case) -> Iterator[tuple[dict[str, Any], str, str]]:
    """(answers, value, verdict) of each number that a limit is tried with."""
    given = limit.get("with", {})
    yield from (({**given, limit["item"]: v}, str(v), g) for v, g in limit.get("gives", {}).items())
    yield from ((t["with"], str(t["value"]), t["gives"]) for t in limit.get("tries", ()))


def unlike(pack: Pack, checklist: Checklist, case: Case) -> list[str]:
    """How what comes differs from what the case says, a line each."""
    kept, told = set_by(checklist, case), []
    for limit in case["limits"]:
        for answers, value, verdict in tries(limit):
            _, found = judged(pack, kept, case, answers)
            came = [(o.verdict, o.value) for o in found if o.item.id == limit["item"]]
            if came != [(verdict, Decimal(value))]:
                said = "、".join(f"{v}（{n}）" for v, n in came) or "没有这一项"
                told.append(f"{limit['item']} 为 {value}：应判 {verdict}，实际 {said}")
    for visit in case["visits"]:
        _, found = judged(pack, kept, case, visit.get("with", {}))
        failed = {o.key: o.item.severity for o in found if o.failed}
        if failed != visit["findings"]:
            told.append(f"{visit['name']}：发现的问题应为 {visit['findings']}，实际是 {failed}")
        if (came_to := result(found)) != visit["result"]:
            told.append(f"{visit['name']}：结果应为 {visit['result']}，实际是 {came_to}")
    return told
