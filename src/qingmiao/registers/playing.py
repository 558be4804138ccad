"""A register's cases, played without a database: what is wrong, which key, what expires, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qingmiao.kernel.errors import UserError
from qingmiao.registers.expiring import expiries
from qingmiao.registers.judging import ReadyRegister, judge
from qingmiao.registers.minimums import EntryAtHand, verdicts
from qingmiao.registers.yearly import occupancy

KEYS = {"name", "given", "within", "person", "others", "faults", "key", "expiring", "share", "missing", "local"}


def outcome(ready: ReadyRegister, case: Mapping[str, Any], on: Any) -> dict[str, Any]:
    """What comes of one case: `given` answers of an entry (number 1), `others` in force: register → list of entries
    with `kind`, `area`, `within` and their answers.

    Raises UserError for a key that no case has.
    """
    if strange := sorted(set(case) - KEYS):
        raise UserError(f"登记册的例子里不认识「{strange[0]}」；可用：{'、'.join(sorted(KEYS))}")
    judged = judge(ready, case["given"], on=on, within=case.get("within"), person=case.get("person"))
    values = judged.values
    others = case.get("others") or {}
    entry = EntryAtHand(1, str(values.get("kind", "")), str(values.get("area", "")), case.get("within"), values)

    def of(register: str) -> Iterator[EntryAtHand]:
        yield from ([entry] if register == ready.kind.id else [])
        for n, one in enumerate(others.get(register, ()), start=2):
            yield EntryAtHand(
                int(one.get("number", n)), str(one.get("kind", "")), str(one.get("area", "")), one.get("within"), one
            )

    area = entry.area
    found = verdicts(
        ready.kind, of(ready.kind.id), of, townships=(area[:9],), county=area[:6], local=case.get("local") or {}
    )  # fmt: skip
    full = occupancy(ready.kind, values)
    return {
        "faults": sorted({f.field for f in judged.faults}),
        "key": judged.key,
        "expiring": {e.expiry.field: e.standing for e in expiries(ready.kind, values, on=on)},
        "share": None if full is None or full.share is None else str(full.share),
        "missing": {v.minimum.id: v.short for v in found if v.entry in (1, None)},
    }


def unlike(ready: ReadyRegister, case: Mapping[str, Any], on: Any) -> list[str]:
    """How a case's outcome differs from what it says, a line each; what a case does not say is not compared."""
    came = outcome(ready, case, on)
    told = []
    for key in ("faults", "key", "expiring", "share", "missing"):
        if key in case and case[key] != came[key]:
            told.append(f"{case.get('name', '')}：{key} 应为 {case[key]}，实际是 {came[key]}")
    return told
