"""A whole pack: one verdict a target, the rate over what can be monitored, the rest with reasons, the warnings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from assess_build import COUNTY, TOWNSHIPS, indicator, pack, values

from qingmiao.assess import DueReturn, QualityFinding, Verdict, assess_pack
from qingmiao.assess.rows import COLUMNS
from qingmiao.content.policy import Policy, WarningKind

LEVEL = {"id": "T1", "kind": "at_least", "value": 90}


def one_year(**given: float | None) -> Any:
    return values([{"indicator": k, "year": 2024, "value": v} for k, v in given.items()])


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        (91, 92, Verdict.MET),
        (91, 89, Verdict.NOT_MET),
        (None, 89, Verdict.NOT_MET),
        (91, None, Verdict.UNDETERMINED),
        (None, None, Verdict.UNDETERMINED),
    ],
)
def test_a_target_needs_all_its_indicators(a: float | None, b: float | None, wanted: Verdict) -> None:
    p = pack([LEVEL], [indicator("a", ["T1"]), indicator("b", ["T1"])])
    assert assess_pack(p, one_year(a=a, b=b), year=2024).targets["T1"].verdict is wanted


def test_the_rate_counts_what_can_be_monitored() -> None:
    targets = [
        LEVEL,
        {"id": "T2", "kind": "at_least", "value": 90},
        {"id": "T3", "kind": "qualitative"},
        {"id": "T4", "kind": "assigned"},
    ]
    p = pack(targets, [indicator("a", ["T1"]), indicator("b", ["T2"]), indicator("c", ["T4"])])
    rate = assess_pack(p, one_year(a=95, b=80, c=1), year=2024).rate
    assert (rate.met, rate.monitored, rate.total, rate.share) == (1, 2, 4, 1 / 2)
    assert {v.target: v.label for v in rate.unmonitored} == {"T3": "无法判定", "T4": "待下达"}
    assert all(v.reason for v in rate.unmonitored)


def test_nothing_at_all() -> None:
    made = assess_pack(pack([LEVEL], [indicator("a", ["T1"])]), values([]), year=2024)
    assert made.targets["T1"].verdict is Verdict.UNDETERMINED
    assert made.rate.share is None
    assert made.warnings == ()


def test_left_to_the_city_is_not_counted() -> None:
    p = pack([LEVEL], [indicator("a", ["T1"])], goal={"left_to": "市级统筹"})
    made = assess_pack(p, one_year(a=95), year=2024)
    assert made.targets["T1"].verdict is Verdict.BY_SUPERIOR
    assert made.rate.monitored == 0


def test_table_has_the_columns_and_one_row_an_indicator_and_area() -> None:
    rows = [
        {"indicator": "a", "year": 2024, "value": 90 + i, "area": area} for i, area in enumerate((COUNTY, *TOWNSHIPS))
    ]
    table = assess_pack(pack([LEVEL], [indicator("a", ["T1"])]), values(rows), year=2024).table()
    assert tuple(table.column_names) == COLUMNS
    assert table["area"].to_pylist() == [COUNTY, *TOWNSHIPS]


def test_breakdowns_are_not_taken_for_totals() -> None:
    rows = [
        {"indicator": "a", "year": 2024, "value": 95.0},
        {"indicator": "a", "year": 2024, "value": 10.0, "sex": "1"},
        {"indicator": "a", "year": 2024, "value": 20.0, "sex": "1", "residence": "town"},
    ]
    made = assess_pack(pack([LEVEL], [indicator("a", ["T1"])]), values(rows), year=2024)
    assert made.targets["T1"].verdict is Verdict.MET


def test_later_years_are_not_looked_at() -> None:
    rows = [{"indicator": "a", "year": y, "value": v} for y, v in ((2024, 95.0), (2025, 10.0))]
    made = assess_pack(pack([LEVEL], [indicator("a", ["T1"])]), values(rows), year=2024)
    assert made.targets["T1"].verdict is Verdict.MET


def test_strata_come_from_the_breakdown() -> None:
    strata = [
        {"by": "residence", "code": "town", "value": 95},
        {"by": "residence", "code": "village", "value": 85},
    ]
    p = pack([{"id": "T1", "kind": "at_least", "strata": strata}], [indicator("a", ["T1"])])
    rows = [
        {"indicator": "a", "year": 2024, "value": v, "residence": c} for c, v in (("town", 95.0), ("village", 85.0))
    ]
    assert assess_pack(p, values(rows), year=2024).targets["T1"].verdict is Verdict.MET
    assert assess_pack(p, values(rows[:1]), year=2024).targets["T1"].verdict is Verdict.UNDETERMINED


def test_a_missing_township_is_never_met() -> None:
    p = pack(
        [{"id": "T1", "kind": "every_area", "level": "township", "bound": "at_least", "value": 90}],
        [indicator("a", ["T1"])],
    )
    rows = [{"indicator": "a", "year": 2024, "value": 95.0, "area": a} for a in (COUNTY, *TOWNSHIPS)]
    assert assess_pack(p, values(rows), year=2024).targets["T1"].verdict is Verdict.MET
    made = assess_pack(p, values(rows[:-1]), year=2024)
    assert made.targets["T1"].verdict is Verdict.UNDETERMINED
    assert "戊镇" in made.targets["T1"].reason


def rare_pack(**more: Any) -> Any:
    own = indicator(
        "neo",
        ["T1"],
        unit="‰",
        better="lower",
        noise="poisson",
        comparisons=[{"area": a, "series": "neo"} for a in ("CN", "990000")],
    )
    return pack([{"id": "T1", "kind": "at_most", "value": 3.2}], [own], **more)


def rare_values() -> Any:
    pairs = [(6, 1700), (4, 1620), (5, 1580), (3, 1510), (4, 1450)]
    return values(
        [
            {"indicator": "neo", "year": 2020 + i, "numerator": n, "denominator": d, "value": 1000 * n / d}
            for i, (n, d) in enumerate(pairs)
        ]
    )


def test_the_prior_is_the_provinces_else_the_nations_else_a_weak_one() -> None:
    nation = {"series": "neo", "area": "CN", "year": 2020, "value": 0.34, "unit": "%", "source": "演示"}
    province = {**nation, "area": "990000", "value": 3.0, "unit": "‰"}
    grades = {}
    for name, refs in {"both": [nation, province], "nation": [nation], "none": []}.items():
        row = assess_pack(rare_pack(references=refs), rare_values(), year=2024).row("neo", "T1", COUNTY)
        assert row is not None
        grades[name] = row.likelihood.grade
        assert ("甲省" in row.likelihood.reason, "全国" in row.likelihood.reason) == (
            name == "both",
            name == "nation",
        )
        assert row.pooled is not None
        assert row.pooled.events == 5 + 3 + 4
    assert grades == {"both": "A", "nation": "A", "none": "B"}


def test_a_likely_miss_warns_with_reason_data_and_what_would_change() -> None:
    rows = [{"indicator": "a", "year": 2016 + i, "value": 60.0 + 0.5 * i} for i in range(9)]
    made = assess_pack(pack([LEVEL], [indicator("a", ["T1"])]), values(rows), year=2024)
    found = [w for w in made.warnings if w.kind is WarningKind.UNLIKELY]
    assert len(found) == 1
    assert found[0].lead == "health"
    assert found[0].reason
    assert "2016" in found[0].data_used
    assert "30%" in found[0].what_would_change


END = 2025
"""The last year of the small packs' plan."""


def of_kinds(p: Any, rows: list[dict[str, Any]], year: int, *kinds: WarningKind) -> list[Any]:
    return [w for w in assess_pack(p, values(rows), year=year).warnings if w.kind in kinds]


def rising(by_year: dict[int, float]) -> list[dict[str, Any]]:
    return [{"indicator": "a", "year": y, "value": v} for y, v in by_year.items()]


TOLD = (WarningKind.NOT_MET, WarningKind.BEHIND)


def test_a_target_missed_in_the_year_in_which_it_is_due_is_told_with_place_year_and_number() -> None:
    p = pack([LEVEL], [indicator("a", ["T1"])])
    (w,) = of_kinds(p, rising({2020: 60.0, END: 89.0}), END, *TOLD)
    assert (w.kind, w.severity, w.target, w.lead) == (WarningKind.NOT_MET, "高", "T1", "health")
    assert w.told == f"乙县a：{END} 年为 89.0%，未达到 ≥ 90%"
    assert of_kinds(p, rising({2020: 60.0, END: 90.0}), END, *TOLD) == []


def test_a_milestone_binds_in_its_year_and_only_then() -> None:
    target = {**LEVEL, "milestones": [{"year": 2023, "value": 80}]}
    p = pack([target], [indicator("a", ["T1"])])
    assert [w.kind for w in of_kinds(p, rising({2020: 60.0, 2023: 79.0}), 2023, *TOLD)] == [WarningKind.NOT_MET]
    assert of_kinds(p, rising({2020: 60.0, 2023: 81.0}), 2023, *TOLD) == []


@pytest.mark.parametrize(
    ("now", "kind", "severity"),
    [
        (60 + 30 * 4 / 5, None, ""),  # the share done is the share of the time used
        (60 + 30 * 3 / 5, WarningKind.BEHIND, "中"),  # 0.75 of the share of the time
        (60 + 30 * 1 / 5, WarningKind.BEHIND, "高"),  # 0.25 of it
        (59, WarningKind.BEHIND, "高"),  # away from the target
        (90, None, ""),  # there already
    ],
)
def test_on_the_way_the_pace_warns(now: float, kind: WarningKind | None, severity: str) -> None:
    p = pack([LEVEL], [indicator("a", ["T1"])])
    found = of_kinds(p, rising({2020: 60.0, 2024: now}), 2024, *TOLD)
    assert [(w.kind, w.severity) for w in found] == ([(kind, severity)] if kind else [])
    assert all(w.told.startswith(f"乙县a：2024 年为 {now:.1f}%，{END} 年目标 ≥ 90%，") for w in found)


def test_without_a_start_not_being_there_yet_is_information() -> None:
    p = pack([LEVEL], [indicator("a", ["T1"])])
    (w,) = of_kinds(p, rising({2024: 70.0}), 2024, *TOLD)
    assert (w.kind, w.severity) == (WarningKind.NOT_MET, "提示")
    assert "进度无法判断" in w.told


def test_keep_binds_every_year() -> None:
    p = pack([{**LEVEL, "qualifiers": ["keep"]}], [indicator("a", ["T1"])])
    assert [w.kind for w in of_kinds(p, rising({2020: 95.0, 2022: 89.0}), 2022, *TOLD)] == [WarningKind.NOT_MET]


def test_what_is_left_to_a_superior_or_without_data_is_no_miss() -> None:
    left = pack([LEVEL], [indicator("a", ["T1"])], goal={"left_to": "市级统筹"})
    assert of_kinds(left, rising({2020: 60.0, END: 70.0}), END, *TOLD) == []
    assert of_kinds(pack([LEVEL], [indicator("a", ["T1"])]), rising({2020: 60.0}), END, *TOLD) == []


def test_the_policy_switches_kinds_off_and_only_those() -> None:
    rows = rising({2016 + i: 60.0 + 0.5 * i for i in range(9)})
    every = {w.kind for w in assess_pack(pack([LEVEL], [indicator("a", ["T1"])]), values(rows), year=2024).warnings}
    assert {WarningKind.BEHIND, WarningKind.UNLIKELY} <= every
    quiet = pack([LEVEL], [indicator("a", ["T1"])], policy=Policy(warnings_off=(WarningKind.BEHIND,)))
    left = {w.kind for w in assess_pack(quiet, values(rows), year=2024).warnings}
    assert left == every - {WarningKind.BEHIND}


def test_every_warning_says_in_plain_words_where_and_when_and_keeps_its_technique_for_the_reason() -> None:
    rows = [
        *({"indicator": "a", "year": 2016 + i, "value": v} for i, v in enumerate((10, 30, 8, 35, 9, 31, 10, 30, 88))),
        *({"indicator": "b", "year": 2016 + i, "value": 60.0 + 0.5 * i} for i in range(9)),
        *(
            {"indicator": "c", "year": 2024, "area": a, "numerator": n, "denominator": 1000.0, "value": n / 10}
            for a, n in zip(TOWNSHIPS, (950.0, 950.0, 800.0), strict=True)
        ),
    ]
    p = pack([LEVEL], [indicator("a", []), indicator("b", ["T1"]), indicator("c", [], noise="binomial")])
    late = DueReturn("R1", COUNTY, 2024, date(2025, 2, 5), None, date(2025, 3, 1), "R1 表")
    made = assess_pack(p, values(rows), year=2024, return_status=[late]).warnings
    assert {w.kind for w in made} >= {
        WarningKind.BEHIND, WarningKind.UNLIKELY, WarningKind.VOLATILE, WarningKind.AREAS, WarningKind.RETURN_MISSING,
    }  # fmt: skip
    for w in made:
        assert "2024" in w.told
        assert any(place in w.told for place in ("乙县", "丙镇", "丁镇", "戊镇"))
        assert not any(word in w.told for word in ("z =", "p =", "概率", "控制限", "离散度", "漏斗", "证据等级"))


def test_a_return_that_is_missing_is_overdue_by_the_day_on_which_it_is_read() -> None:
    late = DueReturn("R1", COUNTY, 2024, date(2025, 2, 5), None, date(2025, 2, 6), "R1 表")
    p = pack([LEVEL], [indicator("a", ["T1"])])
    (w,) = assess_pack(p, values([]), year=2024, return_status=[late]).warnings
    assert w.told == "乙县R1 表（2024 年）应于 2025-02-05 前报送，仍未收到"
    assert w.said(date(2025, 2, 5)) == w.told
    assert w.said(date(2025, 3, 1)) == w.told + f"，已逾期 {(date(2025, 3, 1) - date(2025, 2, 5)).days} 天"


def test_thresholds_are_the_packs() -> None:
    rows = [{"indicator": "a", "year": 2016 + i, "value": 60.0 + 0.5 * i} for i in range(9)]
    p = pack([LEVEL], [indicator("a", ["T1"])], policy=Policy(unlikely=0.001))
    assert not [w for w in assess_pack(p, values(rows), year=2024).warnings if w.kind is WarningKind.UNLIKELY]


def test_townships_beyond_the_funnel() -> None:
    own = indicator("a", ["T1"], noise="binomial")
    rows = [
        {"indicator": "a", "year": 2024, "area": a, "numerator": n, "denominator": 1000.0, "value": n / 10}
        for a, n in zip(TOWNSHIPS, (950.0, 950.0, 800.0), strict=True)
    ]
    made = assess_pack(pack([LEVEL], [own]), values(rows), year=2024)
    (out,) = [w for w in made.warnings if w.kind is WarningKind.AREAS]
    assert (out.severity, out.area, out.areas) == ("中", COUNTY, (TOWNSHIPS[2],))
    assert f"{100 * 800 / 1000:.1f}%（低于控制限" in out.reason
    assert out.data_used == "2024 年分子/分母：戊镇 800/1000"


def test_one_warning_names_all_areas_beyond_the_funnel_the_farthest_first() -> None:
    own = indicator("a", ["T1"], noise="binomial")
    rows = [
        {"indicator": "a", "year": 2024, "area": a, "numerator": n, "denominator": 10_000.0, "value": n / 100}
        for a, n in zip(TOWNSHIPS, (9500.0, 8500.0, 8000.0), strict=True)
    ]
    made = assess_pack(pack([LEVEL], [own]), values(rows), year=2024)
    (out,) = [w for w in made.warnings if w.kind is WarningKind.AREAS]
    assert out.areas == (TOWNSHIPS[2], TOWNSHIPS[1])


def test_findings_from_outside_become_warnings() -> None:
    finding = QualityFinding("query_rule", "核实性审核未解释", indicator="a", year=2024, data="R1 01.2")
    made = assess_pack(pack([LEVEL], [indicator("a", ["T1"])]), one_year(a=95), year=2024, findings=[finding])
    assert [(w.kind, w.target, w.lead) for w in made.warnings] == [(WarningKind.QUALITY, "T1", "health")]
    assert made.warnings_table().num_rows == 1


def test_plain_counts_of_deaths_are_a_lottery_too() -> None:
    own = indicator("deaths", ["T1"], unit="人", better="lower", nature="count", decimals=0)
    rows = [{"indicator": "deaths", "year": 2020 + i, "value": v} for i, v in enumerate((2.0, 5.0, 7.0, 6.0, 1.0))]
    row = assess_pack(pack([{"id": "T1", "kind": "falling"}], [own]), values(rows), year=2024).row(
        "deaths", "T1", COUNTY
    )
    assert row is not None
    assert row.attainment is not None
    assert row.attainment.verdict is Verdict.MET
    assert "抽签" in row.attainment.reason
    assert row.likelihood.method == "rare"
