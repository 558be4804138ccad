"""A target fits its indicator: direction, tolerance, milestones, natural limits, units; and what `check` only says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.content.check import check_path
from qingmiao.content.new_pack import new_pack
from qingmiao.content.notes import notes
from qingmiao.kernel.errors import Fault

HEALTH = "plan/fields/01-health.yaml"
MORTALITY = "indicators/infant_mortality.yaml"
VACCINATION = "indicators/vaccination.yaml"
T01 = 'kind: at_most\n        value: 5.3\n        unit: "‰"'
T02 = (
    "kind: every_area\n        level: township\n        bound: at_least\n"
    '        value: 90\n        unit: "%"\n        qualifiers: [keep]'
)
BASE = ", baseline: {year: 2020, value: 8}"


def faults_with(tmp_path: Path, target: str, *, of: str = "T01", better: str | None = None) -> list[Fault]:
    """The starter pack's faults when a target is written as given (a flow of keys) and its indicator is better so."""
    root = tmp_path / "pack"
    new_pack(root)
    path = root / HEALTH
    old = T01 if of == "T01" else T02
    text = path.read_text("utf-8")
    assert old in text
    lines = "\n        ".join(part.strip() for part in target.split(" ; "))
    path.write_text(text.replace(old, lines), "utf-8")
    if better is not None:
        indicator = root / (MORTALITY if of == "T01" else VACCINATION)
        before = indicator.read_text("utf-8")
        indicator.write_text(
            before.replace("better: lower", f"better: {better}").replace("better: higher", f"better: {better}"),
            "utf-8",
        )
    pack, faults = check_path(root)
    if not faults:
        assert pack is not None
        faults = notes(pack)
    return faults


B = "baseline: {year: 2020, value: 8}"
DIRECTIONS = [
    # (target, what is better, whether that is one direction)
    ("kind: at_most ; value: 5", "lower", True),
    ("kind: at_most ; value: 5", "higher", False),
    ("kind: at_most ; value: 5", "none", True),
    ("kind: at_least ; value: 5", "lower", False),
    ("kind: at_least ; value: 5", "higher", True),
    ("kind: count_at_least ; value: 5", "lower", False),
    (f"kind: reduce_by ; points: 2 ; {B}", "lower", True),
    (f"kind: reduce_by ; cut: 20% ; {B}", "higher", False),
    (f"kind: increase_by ; points: 2 ; {B}", "higher", True),
    (f"kind: increase_by ; cut: 1/3 ; {B}", "lower", False),
    (f"kind: falling ; {B}", "lower", True),
    (f"kind: falling ; {B}", "higher", False),
    (f"kind: rising ; {B}", "lower", False),
    (f"kind: contained ; {B}", "higher", False),
    ("kind: within ; low: 3 ; high: 5", "lower", True),
    ("kind: within ; low: 3 ; high: 5", "higher", True),
    ('kind: relative_to ; relative_to: {area: "99", relation: below}', "lower", True),
    ('kind: relative_to ; relative_to: {area: "99", relation: at_most}', "higher", False),
    ('kind: relative_to ; relative_to: {area: "99", relation: above}', "lower", False),
    ("kind: assigned ; assigned: [{year: 2024, value: 5, bound: at_most, document: 某文}]", "lower", True),
    ("kind: assigned ; assigned: [{year: 2024, value: 5, bound: at_least, document: 某文}]", "lower", False),
]


@pytest.mark.parametrize(("target", "better", "one"), DIRECTIONS)
def test_a_target_wants_what_is_better_for_its_indicator(target: str, better: str, one: bool, tmp_path: Path) -> None:
    faults = faults_with(tmp_path, target, better=better)
    assert bool(faults) is not one, [str(f) for f in faults]
    if not one:
        assert len(faults) == 1
        assert "方向" in faults[0].message
        assert faults[0].file.endswith(HEALTH)


@pytest.mark.parametrize(
    ("bound", "better", "one"),
    [("at_least", "higher", True), ("at_least", "lower", False), ("at_most", "higher", False)],
)
def test_the_bound_of_every_area_has_a_direction_too(bound: str, better: str, one: bool, tmp_path: Path) -> None:
    faults = faults_with(
        tmp_path, f"kind: every_area ; level: township ; bound: {bound} ; value: 90", of="T02", better=better
    )
    assert bool(faults) is not one, [str(f) for f in faults]


ABOUT = "qualifiers: [about] ; tolerance: {kind: %s, value: %s, source: {document: 本地, evidence: local}}"
REFUSED = [
    ("a tolerance of five hundred percent", f"kind: at_most ; value: 5 ; {ABOUT % ('relative', 5)}", "允许偏差"),
    ("a tolerance just over the whole", f"kind: at_most ; value: 5 ; {ABOUT % ('relative', 1.01)}", "允许偏差"),
    ("another value in the target's year", "kind: at_most ; value: 5 ; milestones: [{year: 2025, value: 6}]",
        "两个不同的目标值"),
    ("another value in the target's own year",
        "kind: at_most ; value: 5 ; year: 2024 ; milestones: [{year: 2024, value: 6}]", "两个不同的目标值"),
    ("another range in the target's year",
        "kind: within ; low: 3 ; high: 5 ; milestones: [{year: 2025, low: 3, high: 6}]", "两个不同的目标值"),
    ("another cut in the target's year", f"kind: reduce_by ; cut: 1/5 ; {B} ; milestones: [{{year: 2025, cut: 1/4}}]",
        "两个不同的目标值"),
    ("a milestone after the target's year",
        "kind: at_most ; value: 5 ; year: 2023 ; milestones: [{year: 2024, value: 6}]", "晚于目标年"),
    ("a change in its base year",
        "kind: reduce_by ; points: 2 ; baseline: {year: 2022, value: 8} ; milestones: [{year: 2022, points: 1}]",
        "不晚于基期"),
    ("a rate below zero", "kind: at_most ; value: -1", "不会低于"),
    ("a fall below zero", "kind: reduce_by ; points: 9 ; baseline: {year: 2020, value: 8}", "不会低于"),
    ("a milestone below zero", "kind: at_most ; value: 5 ; milestones: [{year: 2023, value: -2}]", "不会低于"),
    ("a base below zero", "kind: reduce_by ; cut: 1/5 ; baseline: {year: 2020, value: -8}", "不会低于"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "target", "part"), REFUSED, ids=[n for n, _, _ in REFUSED])
def test_what_cannot_be_is_refused_once(name: str, target: str, part: str, tmp_path: Path) -> None:
    faults = faults_with(tmp_path, target)
    assert faults
    assert all(f.code in ("wrong_value", "out_of_range") for f in faults)
    assert part in faults[0].message, faults
    assert faults[0].file.endswith(HEALTH)


SHARES = [
    ("value: 120", "不会高于 100%"),
    ("value: 100.1", "不会高于 100%"),
    ("value: 100 ; milestones: [{year: 2023, value: 101}]", "不会高于 100%"),
    ("value: 100", ""),
]


@pytest.mark.parametrize(("numbers", "part"), SHARES)
def test_no_share_is_over_the_whole(numbers: str, part: str, tmp_path: Path) -> None:
    faults = faults_with(tmp_path, f"kind: every_area ; level: township ; bound: at_least ; {numbers}", of="T02")
    assert ([part in f.message for f in faults] == [True]) if part else faults == []


ALLOWED = [
    f"kind: at_most ; value: 5 ; {ABOUT % ('relative', 1)}",
    f"kind: at_most ; value: 5 ; {ABOUT % ('absolute', 3)}",
    "kind: at_most ; value: 5 ; milestones: [{year: 2025, value: 5}]",
    "kind: at_most ; value: 5 ; milestones: [{year: 2022, value: 7}, {year: 2023, value: 6}]",
    "kind: at_most ; value: 0",
    "kind: reduce_by ; points: 8 ; baseline: {year: 2020, value: 8}",
    f"kind: reduce_by ; cut: 1/5 ; {B} ; milestones: [{{year: 2023, cut: 1/10}}]",
]


@pytest.mark.parametrize("target", ALLOWED)
def test_what_plans_really_say_passes_without_a_word(target: str, tmp_path: Path) -> None:
    assert faults_with(tmp_path, target) == []


SAID = [
    ("kind: reduce_by ; cut: 1/5", "base_assumed", "2020 年"),
    ("kind: falling", "base_assumed", "2020 年"),
    ("kind: contained", "base_assumed", "2020 年"),
    ("kind: at_most ; value: 5 ; milestones: [{year: 2022, value: 6}, {year: 2023, value: 7}]", "not_monotone",
        "2023 年却是 7"),
    ("kind: at_most ; value: 5 ; milestones: [{year: 2022, value: 4}]", "not_monotone", "2025 年却是 5"),
    (f"kind: reduce_by ; cut: 1/5 ; {B} ; milestones: [{{year: 2023, cut: 1/4}}]", "not_monotone", "2025 年却是 1/5"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "code", "part"), SAID)
def test_what_is_only_odd_is_said_and_passes(target: str, code: str, part: str, tmp_path: Path) -> None:
    found = faults_with(tmp_path, target)
    assert [f.code for f in found] == [code]
    assert part in found[0].message
    result = CliRunner().invoke(main, ["check", str(tmp_path / "pack")])
    assert result.exit_code == 0
    assert "注意：" in result.output
    told = json.loads(CliRunner().invoke(main, ["check", "--json", str(tmp_path / "pack")]).stdout)
    assert [(t["level"], t["code"]) for t in told] == [("note", code)]


def baseline_told(tmp_path: Path, value: str, *more: str) -> str:
    """2023: 7 deaths in 1,500 births = 4.67 ‰ (the starter pack's own data)."""
    faults_with(tmp_path, f"kind: reduce_by ; cut: 1/5 ; baseline: {{year: 2023, value: {value}}}")
    result = CliRunner().invoke(main, ["check", str(tmp_path / "pack"), *more])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("value", ["4.7", "4.67", "4.667", "5"])
def test_a_baseline_that_the_data_bear_out_is_not_mentioned(value: str, tmp_path: Path) -> None:
    assert "基期值" not in baseline_told(tmp_path, value)


@pytest.mark.parametrize(("value", "measured"), [("6.1", "4.7‰"), ("4.6", "4.7‰"), ("4.66", "4.67‰")])
def test_a_baseline_that_the_data_contradict_is_said_with_both(value: str, measured: str, tmp_path: Path) -> None:
    told = baseline_told(tmp_path, value)
    assert f"基期值 {value}‰ 与数据不同" in told
    assert measured in told


def test_the_data_folder_may_be_given(tmp_path: Path) -> None:
    root, data = tmp_path / "pack", tmp_path / "other"
    baseline_told(tmp_path, "6.1")
    (root / "data").rename(data)
    assert "基期值" not in CliRunner().invoke(main, ["check", str(root)]).output
    assert "基期值 6.1‰" in CliRunner().invoke(main, ["check", str(root), "--data", str(data)]).output
    (data / "returns/mch01.csv").write_text("x\n1\n", "utf-8")
    assert CliRunner().invoke(main, ["check", str(root), "--data", str(data)]).exit_code == 2


def test_a_published_series_of_the_own_area_speaks_too(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    faults_with(tmp_path, "kind: reduce_by ; cut: 1/5 ; baseline: {year: 2019, value: 6.1}")
    (root / "references.yaml").write_text(
        '- {series: imr, area: "990001", year: 2019, value: 7.2, unit: ‰, source: 年鉴}\n', "utf-8"
    )
    path = root / MORTALITY
    path.write_text(path.read_text("utf-8") + 'comparisons: [{area: "990001", series: imr}]\n', "utf-8")
    result = CliRunner().invoke(main, ["check", str(root)])
    assert result.exit_code == 0, result.output
    assert "7.2‰" in result.output


def test_a_series_in_another_unit_is_not_compared(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    new_pack(root)
    (root / "references.yaml").write_text(
        '- {series: imr, area: "98", year: 2019, value: 0.7, unit: "%", source: 年鉴}\n', "utf-8"
    )
    path = root / MORTALITY
    path.write_text(path.read_text("utf-8") + 'comparisons: [{area: "98", series: imr}]\n', "utf-8")
    faults = check_path(root)[1]
    assert ["单位「%」" in f.message for f in faults] == [True]
