"""The rules of the county's returns: no rule contradicts another, and every rule can be broken."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from qingmiao.content import Pack, load_pack
from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import expand_rule, parse, rule_text
from qingmiao.content.returns import Return, Rule

CONTENT = Path(__file__).resolve().parents[2] / "content"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(CONTENT / "xiangning")


def verdicts(return_: Return, rule: Rule, cells: dict[str, Any]) -> list[bool | None]:
    """The rule's verdict for every row or column that it names."""
    checks = expand_rule(rule.check, [r.code for r in return_.rows], [c.code for c in return_.columns])
    return [evaluate(parse(rule_text(check)), cells) for check in checks]


def sheet(return_: Return, rng: Random | None) -> dict[str, Any]:
    """This period's and last period's cells: all zero, or drawn from 0 to 9."""
    return {
        prefix + cell: 0 if rng is None else rng.randrange(10) for prefix in ("", "last.") for cell in return_.cells
    }


def test_a_sheet_of_zeros_breaks_no_error_rule(pack: Pack) -> None:
    broken = [
        (return_.id, rule.id)
        for return_ in pack.returns.values()
        for rule in return_.rules
        if rule.level == "error" and False in verdicts(return_, rule, sheet(return_, None))
    ]
    assert broken == []


def test_every_rule_is_broken_by_some_sheet(pack: Pack) -> None:
    rng = Random(20250101)
    never = []
    for return_ in pack.returns.values():
        drawn = [sheet(return_, rng) for _ in range(30)]
        never += [
            (return_.id, rule.id)
            for rule in return_.rules
            if not any(False in verdicts(return_, rule, cells) for cells in drawn)
        ]
    assert never == []


def test_an_empty_cell_leaves_a_rule_undecided(pack: Pack) -> None:
    return_ = pack.returns["P901"]
    cells = sheet(return_, None) | {"01.1": None}
    whole = next(r for r in return_.rules if r.check.startswith("[*.1] = [*.2]"))
    assert verdicts(return_, whole, cells)[0] is None
    assert verdicts(return_, whole, cells)[1] is True


def test_returns_of_townships_and_of_the_county_are_told_apart(pack: Pack) -> None:
    assert {r.id for r in pack.returns.values() if r.level == "township"} == {"W301", "V501"}
    assert len({r.form_no for r in pack.returns.values()}) == len(pack.returns)
    assert all(r.rules for r in pack.returns.values())
