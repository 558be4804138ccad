"""Bounds and impossible figures from the series through measuring to assessment.csv, the warnings and the book of a
report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from assess_build import COUNTY, TOWNSHIPS, evidence, indicator, pack, target, values, verdict

from qingmiao.assess import assess_pack
from qingmiao.assess.likelihood import likelihood
from qingmiao.assess.series import Series, YearPoint
from qingmiao.assess.volatility import volatility
from qingmiao.content.policy import Policy, WarningKind
from qingmiao.kernel.areas import AreaTree
from qingmiao.kernel.bounds import Bound
from qingmiao.measure.assemble import ValueBlock
from qingmiao.measure.groups import Space, Vocabulary
from qingmiao.measure.lineage import explain
from qingmiao.measure.result import with_bounds
from qingmiao.measure.run import measure
from qingmiao.measure.series import PublishedSeries, stand_in

LEVEL = {"id": "T1", "kind": "at_least", "value": 95}
SERIES = pa.schema(
    [
        ("indicator", pa.string()),
        ("area", pa.string()),
        ("year", pa.int32()),
        ("value", pa.float64()),
        ("bound", pa.string()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
    ]
)


def _series(given: dict[int, tuple[str | None, float]]) -> pa.Table:
    rows = [{"indicator": "cover", "area": COUNTY, "year": y, "value": v, "bound": b} for y, (b, v) in given.items()]
    return pa.Table.from_pylist(rows, schema=SERIES)


def _made(given: dict[int, tuple[str | None, float]], **more: Any) -> tuple[Any, Any, Any]:
    own = pack([LEVEL], [indicator("cover", ["T1"], natural_limit=100, **more)])
    tables = {"series": _series(given)}
    return own, tables, measure(own, tables)


def test_a_bound_goes_from_the_series_to_the_assessment_as_it_is_written() -> None:
    own, tables, measured = _made({2023: (None, 96.0), 2024: (">", 99.0)})
    made = assess_pack(own, measured.values, year=2024)
    row = made.row("cover", "T1", COUNTY)
    assert row is not None
    assert row.attainment is not None
    assert row.pace is not None
    assert row.attainment.label == "已达标"
    assert row.value is None
    assert row.pace.label == "已达标"
    shown = with_bounds(made.table()).filter(pa.compute.equal(made.table()["area"], COUNTY)).to_pylist()[0]
    assert (shown["value"], shown["bound"]) == (">99", ">99")
    both = with_bounds(measured.values).to_pylist()
    assert [r["value"] for r in both if r["area"] == COUNTY] == [
        "96",
        ">99",
    ]  # exact ones as the CSV writes them
    told = explain(own, tables, "cover", COUNTY, 2024)
    assert (told.value, told.bound, told.reason) == (None, ">99", "只公布了界限，没有确数")


def test_a_bound_that_does_not_decide_says_so_and_is_never_reckoned_with() -> None:
    given = {2016 + i: (None, 90.0 + i / 2) for i in range(8)}
    own, _, measured = _made({**given, 2024: (">", 90.0)})
    made = assess_pack(own, measured.values, year=2024)
    row = made.row("cover", "T1", COUNTY)
    assert row is not None
    assert row.attainment is not None
    assert row.pace is not None
    assert row.attainment.label == "无法判定"
    assert row.attainment.reason.startswith("2024 年公布为 >90%（没有确数），这个界限定不了是否达到 ≥ 95%")
    assert row.pace.label == "无法判定"
    assert "只公布了 >90，没有确数" in row.pace.reason
    assert row.likelihood.raw is not None  # from the exact years
    assert "2024 年只公布了界限，不参加推算" in row.likelihood.reason
    assert row.statcan.name == row.unsd.name == "not_available"


def test_a_bound_in_a_base_year_or_on_the_way_is_said() -> None:
    points = [YearPoint(y, v) for y, v in ((2021, 9.0), (2023, 8.0), (2024, 7.0))]
    series = Series((YearPoint(2020, None, bound=Bound.parse(">10")), *points))
    falling = verdict(target(kind="falling"), series)
    assert falling.label == "无法判定"
    cut = verdict(target(kind="reduce_by", cut="20%"), series)
    assert "没有 2020 年的基期值（只公布了 >10，没有确数）" in cut.reason
    gap = Series((YearPoint(2020, 10.0), YearPoint(2022, None, bound=Bound.parse("<9")), *points))
    sustained = verdict(target(kind="falling", qualifiers=["sustained"]), gap)
    assert "2022 年只公布了 <9，没有确数" in sustained.reason
    assert "2022 年只公布了界限，未计入" in volatility(gap, noise="none", policy=Policy(min_points=4)).reason
    foreseen = likelihood(evidence(target(kind="at_most", value=9),
        Series((*points, YearPoint(2025, None, bound=Bound.parse("<9")))), 2025))  # fmt: skip
    assert foreseen.label == "不适用"


def test_keep_is_judged_by_bounds_where_they_decide() -> None:
    t = target(kind="at_least", value=95, qualifiers=["keep"])
    rest = [YearPoint(y, 96.0) for y in (2021, 2023, 2024)]
    for bound, years in ((">98", ((), ())), ("<90", ((2022,), ())), (">90", ((), (2022,)))):
        answer = verdict(t, Series((*rest, YearPoint(2022, None, bound=Bound.parse(bound)))))
        assert (answer.years_below, answer.years_unknown) == years


@pytest.mark.parametrize(("measured", "found"), [(99.4, []), (98.96, []), (98.94, ["采用算得的数"])])
def test_a_measured_value_that_a_published_bound_does_not_allow_is_a_finding(measured: float, found: list[str]) -> None:
    space = Space(Vocabulary([COUNTY]), {}, (None,), AreaTree(()))
    keys = space.keys(np.array([0]), np.array([2024]), {}, ())
    none = np.full(1, np.nan)
    ours = ValueBlock((), keys, none, none, np.array([measured]), np.zeros(1, np.int8), np.zeros(1, np.int8),
        np.ones(1, np.int32))  # fmt: skip
    given = PublishedSeries(replace(ours, value=none), (), {int(keys[0]): Bound.of(">=", 99)})
    block, findings = stand_in(indicator("cover", ["T1"]), ours, given, space)
    assert block.value[0] == measured
    assert [f.message.split("，")[-1] for f in findings] == found
    assert all("公布数列为 >=99" in f.message for f in findings)


IMPOSSIBLE = [
    ({"value": 196.0}, {"noise": "binomial"}, "196% 大于 100%"),
    ({"value": 100.1}, {"noise": "binomial"}, "100.1% 大于 100%"),
    ({"value": 120.0, "numerator": 480.0, "denominator": 400.0}, {"noise": "binomial"}, "分子大于分母：分子 480，分母 400"),
    ({"value": 96.0, "numerator": 480.0, "denominator": 400.0}, {"noise": "binomial"}, "分子大于分母"),
    ({"value": -3.0}, {"noise": "binomial"}, "-3% 小于 0%"),
    ({"value": -3.0}, {"noise": "poisson", "better": "lower", "unit": "‰"}, "-3‰ 小于 0‰"),
    ({"value": 96.0, "numerator": -96.0, "denominator": -100.0}, {"noise": "none"}, "分母为负：-100"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["at_least", "falling", "reduce_by", "within"])
@pytest.mark.parametrize(("row", "more", "why"), IMPOSSIBLE)
def test_what_cannot_be_decides_nothing_and_is_told(
    row: dict[str, float], more: dict[str, Any], why: str, kind: str
) -> None:
    numbers: dict[str, dict[str, Any]] = {
        "at_least": {"value": 95},
        "falling": {},
        "reduce_by": {"cut": "1%"},
        "within": {"low": -1000, "high": 1000},
    }
    own = pack([{"id": "T1", "kind": kind, **numbers[kind]}], [indicator("cover", ["T1"], **more)])
    base = {"indicator": "cover", "year": 2020, "value": 50.0}
    made = assess_pack(own, values([base, {"indicator": "cover", "year": 2024, **row}]), year=2024)
    answer = made.row("cover", "T1", COUNTY)
    assert answer is not None
    assert answer.attainment is not None
    assert answer.attainment.label == "无法判定"
    assert f"数值超出可能范围（{why}" in answer.attainment.reason
    told = [w for w in made.warnings if w.kind is WarningKind.QUALITY]
    assert told
    assert all(w.severity == "高" for w in told)


@pytest.mark.parametrize("value", [100.0, 100.00000000000001, 0.0])
def test_the_ends_themselves_are_possible(value: float) -> None:
    own = pack([LEVEL], [indicator("cover", ["T1"], noise="binomial")])
    made = assess_pack(own, values([{"indicator": "cover", "year": 2024, "value": value}]), year=2024)
    row = made.row("cover", "T1", COUNTY)
    assert row is not None
    assert row.attainment is not None
    assert row.attainment.verdict.is_decided
    assert [w for w in made.warnings if w.kind is WarningKind.QUALITY] == []


def test_a_gross_rate_may_be_above_a_hundred() -> None:
    own = pack([LEVEL], [indicator("gross", ["T1"])])
    made = assess_pack(own, values([{"indicator": "gross", "year": 2024, "value": 104.0}]), year=2024)
    assert made.targets["T1"].label == "已达标"


def test_an_impossible_township_leaves_every_area_open() -> None:
    every = {"id": "T1", "kind": "every_area", "level": "township", "bound": "at_least", "value": 90}
    own = pack([every], [indicator("cover", ["T1"], noise="binomial")])
    rows = [{"indicator": "cover", "area": a, "year": 2024, "value": v} for a,
        v in zip(TOWNSHIPS, (95.0, 95.0, 120.0), strict=True)]  # fmt: skip
    made = assess_pack(own, values(rows), year=2024)
    assert made.targets["T1"].label == "无法判定"
    assert [w.area for w in made.warnings if w.kind is WarningKind.QUALITY] == [TOWNSHIPS[2]]
