"""Plans of other shapes: each small invented pack is whole, and its verdicts are the ones it says itself.

What each folder tries is told in shapes/README.md. All counties, plans and figures there are made up.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from qingmiao.assess import AssessedRow, Assessment, assess_pack
from qingmiao.collect.folder import collect
from qingmiao.content import load_pack
from qingmiao.content.check import check_pack
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Qualifier, TargetKind
from qingmiao.measure.run import measure
from qingmiao.report.build import build_report
from qingmiao.report.model import Table, plain

SHAPES = Path(__file__).parent / "shapes"
NAMES = sorted(p.name for p in SHAPES.iterdir() if p.is_dir())
Expected = Mapping[str, str]


def expected(name: str) -> list[Expected]:
    with (SHAPES / name / "tests" / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def pack_of(name: str) -> Pack:
    return load_pack(SHAPES / name)


@cache
def values_of(name: str) -> pa.Table:
    collected = collect(pack_of(name), SHAPES / name / "data")
    return measure(pack_of(name), collected.tables).values


@cache
def assessed(name: str, year: int) -> Assessment:
    return assess_pack(pack_of(name), values_of(name), year=year)


def row_of(name: str, case: Expected) -> AssessedRow:
    row = assessed(name, int(case["year"])).row(case["indicator"], case["target"], case["area"])
    assert row is not None, "no row"
    return row


CASES = [(name, case) for name in NAMES for case in expected(name)]
case_ids = [f"{name}-{case['target']}-{case['year']}" for name, case in CASES]


@pytest.mark.parametrize("name", NAMES)
def test_is_whole(name: str) -> None:
    assert [str(f) for f in check_pack(pack_of(name))] == []


@pytest.mark.parametrize("name", NAMES)
def test_says_that_it_is_invented(name: str) -> None:
    assert pack_of(name).title.startswith("虚构")
    assert {code[:2] for code in pack_of(name).areas} == {"99"}
    for path in (SHAPES / name).rglob("*.yaml"):
        assert path.read_text("utf-8").startswith("# 虚构"), path


@pytest.mark.parametrize(("name", "case"), CASES, ids=case_ids)
def test_verdict(name: str, case: Expected) -> None:
    answer = row_of(name, case).attainment
    assert answer is not None
    assert answer.verdict.value == case["attainment"], answer.reason
    assert case["reason"] in f"{answer.reason} {answer.bar_text}"


@pytest.mark.parametrize(("name", "case"), CASES, ids=case_ids)
def test_boundary_is_flagged(name: str, case: Expected) -> None:
    answer = row_of(name, case).attainment
    assert answer is not None
    assert ("yes" if answer.boundary else "no") == case["boundary"], answer.boundary_reason


@pytest.mark.parametrize("name", NAMES)
def test_every_target_has_an_expected_verdict(name: str) -> None:
    assert {c["target"] for c in expected(name)} == set(pack_of(name).targets)


@pytest.mark.parametrize(("name", "case"), CASES, ids=case_ids)
def test_the_rate_counts_what_can_be_monitored_and_lists_the_rest(name: str, case: Expected) -> None:
    result = assessed(name, int(case["year"]))
    verdict = result.targets[case["target"]].verdict
    listed = {v.target for v in result.rate.unmonitored}
    assert verdict.value == case["attainment"]
    assert (case["target"] in listed) == (case["attainment"] not in ("met", "not_met"))
    assert result.rate.monitored + len(result.rate.unmonitored) == result.rate.total == len(pack_of(name).targets)


def test_the_shapes_the_brief_names_are_all_there() -> None:
    packs = [pack_of(n) for n in NAMES]
    plans = [p.plan for p in packs if p.plan is not None]
    targets = [t for p in packs for t in p.targets.values()]
    goals = [g for p in packs for g in p.goals.values()]
    assert {4, 9} <= {len(p.fields) for p in packs}
    assert {(2016, 2020), (2021, 2030), (2023, 2027)} <= {(p.start, p.end) for p in plans}
    assert any(g.parent and g.number.count(".") >= 2 for g in goals)
    assert any(g.left_to and g.targets for g in goals)
    assert any(g.left_to and not g.targets for g in goals)
    assert any(len(t.milestones) >= 2 for t in targets)
    assert any(m.low is not None and m.high is not None for t in targets for m in t.milestones)
    assert any({s.by for s in t.strata} == {"residence"} for t in targets)
    assert any(t.cut == "1/3" and t.baseline is not None and t.baseline.value is not None for t in targets)
    assert any(t.cut == "1/3" and t.baseline is not None and t.baseline.value is None for t in targets)
    assert {"at_least", "at_most", "within"} <= {t.bound for t in targets if t.kind is TargetKind.EVERY_AREA}
    assert {t.relative_to.relation for t in targets if t.relative_to} == {
        "above",
        "at_least",
        "below",
        "at_most",
    }
    assert {t.kind for t in targets} == set(TargetKind)
    assert any(t.points and not t.per_year for t in targets)
    assert any(t.points and t.per_year for t in targets)
    assert any(t.baseline is not None and t.baseline.years for t in targets)
    assert any(s.milestones for t in targets for s in t.strata)
    assert any(t.of_areas for t in targets)
    assert any(t.kind is TargetKind.EVERY_AREA and t.strata for t in targets)
    assert any(t.kind is TargetKind.EVERY_AREA and t.milestones for t in targets)
    assert any(t.relative_to and t.relative_to.margin for t in targets)
    assert {q for t in targets for q in t.qualifiers} == set(Qualifier)
    assert {True, False} == {t.inclusive for t in targets}


def test_two_indicators_decide_one_target_together() -> None:
    """Metabolic 99.0 and hearing 97.0 against 98: one fails, so the target fails; with one missing it stays open."""
    verdicts = {year: assessed("city_plan", year).targets["both"].verdict.value for year in (2023, 2024, 2025)}
    assert verdicts == {2023: "not_met", 2024: "met", 2025: "undetermined"}


def test_a_goal_left_to_a_higher_level_is_listed_and_not_counted() -> None:
    result = assessed("superior", 2021)
    assert result.targets["insurance"].verdict.value == "by_superior"
    assert "insurance" in {v.target for v in result.rate.unmonitored}
    assert result.rate.monitored == 3  # entered (not met), ceiling (met), homes (not met)
    assert result.rate.met == 1


def test_a_goal_left_to_a_higher_level_takes_its_nested_goals_along() -> None:
    result = assessed("nested", 2022)
    assert {t: v.verdict.value for t, v in result.targets.items()} == {
        "insured": "by_superior",
        "poor": "by_superior",
        "infants": "met",
        "newborns": "by_superior",
    }
    assert (result.rate.met, result.rate.monitored, result.rate.total) == (1, 1, 4)


def test_groups_are_called_by_their_names_not_their_codes() -> None:
    for year in (2024, 2025, 2027):
        for row in assessed("groups", year).rows:
            assert not {"urban", "rural", "zhen", "xiang"} & set(re.findall(r"[a-z]+", row.reason)), row.reason


def test_a_yearly_change_is_paced_to_the_plans_last_year() -> None:
    """60.0 down to 58.0 by 2024; 0.5 × 5 = 2.5 are asked by 2025: 2.0 ÷ 2.5 done in 4 ÷ 5 of the time."""
    pace = row_of("points", {"target": "yearly", "indicator": "i.yearly", "area": "990101", "year": "2024"}).pace
    assert pace is not None
    assert (pace.achieved, pace.used) == (2.0 / 2.5, 4 / 5)


REPORTS = sorted({(name, int(case["year"])) for name, case in CASES})


@pytest.mark.parametrize(("name", "year"), REPORTS, ids=[f"{n}-{y}" for n, y in REPORTS])
def test_the_report_tells_every_shape_with_every_number_followed(name: str, year: int) -> None:
    """A number written into the prose, or one that does not resolve, stops the report."""
    document = build_report(
        pack_of(name),
        values_of(name),
        assessed(name, year),
        year=year,
        demo=True,
        snapshot_id="0123456789abcdef",
        run_id="shapes",
        generated_on=date(year + 1, 3, 1),
    )
    assert document.entries


def test_the_report_writes_bars_of_groups_yearly_changes_and_shares_in_words() -> None:
    wanted = {
        ("groups", 2025): (
            "镇≥70（2025年）、≥90（2030年）；乡≥40（2025年）、≥60（2030年）",
            "男比2020年降低2个百分点",
            "其余各地≤1；乡≤2",
        ),
        ("points", 2024): ("比2020年每年降低0.5个百分点", "比2018—2020年平均值下降20%"),
        ("every_area", 2022): ("60%以上的地方≥1",),
    }
    for (name, year), texts in wanted.items():
        document = build_report(
            pack_of(name),
            values_of(name),
            assessed(name, year),
            year=year,
            demo=True,
            snapshot_id="0123456789abcdef",
            run_id="shapes",
            generated_on=date(year + 1, 3, 1),
        )
        cells = [plain(cell) for b in document.blocks if isinstance(b, Table) for row in b.rows for cell in row]
        for text in texts:
            assert any(text in cell for cell in cells), text
