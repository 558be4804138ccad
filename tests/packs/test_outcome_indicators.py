"""The indicators that follow from the outcomes of programmes, all of them from one table: shares of yes, and sums."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qingmiao.collect.folder import collect
from qingmiao.content import load_pack
from qingmiao.content.outcomes import TABLE, WORK
from qingmiao.content.programmes import Programme
from qingmiao.kernel.areas import AreaLevel
from qingmiao.measure.run import measure

PACK = Path(__file__).parents[2] / "content" / "xiangning"
HEADS = ("case_id", "outcome", "number", "programme", "area_code", "counted_on", "holds", "amount", "recorded_at")
SAID = (("true", "2.5"), ("true", "4"), ("false", "0"), ("", ""))
"""Of each outcome: three cases that say it, and one that does not."""


def test_each_outcome_is_an_indicator_of_its_own_cases(tmp_path: Path) -> None:
    """Two of three said yes; 2.5 + 4 + 0 came together; a case that says nothing counts neither way; of what is said of
    核心 cases no township is shown."""
    pack = load_pack(PACK)
    every = {
        f"{WORK}.{p}.{o.id}": o for p, one in pack.entries("programmes", Programme).items() for o in one.outcomes
    }  # fmt: skip
    assert len(every) > 100
    (tmp_path / "facts").mkdir()
    with (tmp_path / "facts" / f"{TABLE}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        for id_, one in every.items():
            code = id_.removeprefix(f"{WORK}.")
            for n, (yes, amount) in enumerate(SAID):
                said = (yes, "") if one.holds is not None else ("", amount)
                writer.writerow((f"K{n}", code, 0, code.split(".")[0], "141029100", "2026-03-02", *said, "2026-03-02"))

    values = measure(pack, collect(pack, tmp_path).tables, indicators=list(every)).values.to_pylist()

    found = {
        (r["indicator"], r["area"]): r["value"] for r in values if r["year"] in (2025, 2026) and r["value"] is not None
    }
    county = {i: found.get((i, "141029")) for i in every}
    assert county == {i: pytest.approx(100 * 2 / 3 if one.holds is not None else 6.5) for i, one in every.items()}
    below = {i for i, area in found if area == "141029100"}
    assert below == {i for i, one in every.items() if not one.of_core}
    assert {i for i in every if AreaLevel.TOWNSHIP in pack.indicators[i].levels} == below


def test_they_are_of_the_daily_work_and_decide_nothing() -> None:
    pack = load_pack(PACK)
    made = [i for i in pack.indicators.values() if i.sources == (TABLE,)]
    assert made
    assert [i.id for i in made if not i.operation or i.implements or i.comparisons] == []
    assert [t for t in pack.targets if any(i.operation and t in i.implements for i in pack.indicators.values())] == []
