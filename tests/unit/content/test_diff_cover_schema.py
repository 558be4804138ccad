from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from pydantic import TypeAdapter

from qingmiao.cli import main
from qingmiao.content import Pack, load_pack
from qingmiao.content.base import Label
from qingmiao.content.coverage import Served, asked_by, coverage
from qingmiao.content.diff import diff_packs
from qingmiao.content.kinds import KINDS
from qingmiao.content.new_pack import new_pack
from qingmiao.content.plan import System
from qingmiao.content.schema import schemas


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    new_pack(tmp_path / "old")
    new_pack(tmp_path / "new")
    head = tmp_path / "new/pack.toml"
    head.write_text(head.read_text("utf-8").replace('id = "new"', 'id = "old"'), "utf-8")
    return tmp_path / "old", tmp_path / "new"


def change(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def told(two: tuple[Path, Path]) -> dict[str, object]:
    result = CliRunner().invoke(main, ["diff", "--json", *map(str, two)])
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_equal_packs_have_no_difference(two: tuple[Path, Path]) -> None:
    assert told(two) == {"changes": [], "recompute": [], "reassess": []}


def test_a_target_is_judged_again_but_nothing_is_recomputed(two: tuple[Path, Path]) -> None:
    change(two[1], "plan/fields/01-health.yaml", "value: 5.3", "value: 5.0")
    found = told(two)
    assert found["recompute"] == []
    assert found["reassess"] == ["T01"]
    assert [c["details"] for c in found["changes"]] == [["value：5.3 → 5.0"]]  # type: ignore[attr-defined]


def test_a_changed_fact_makes_its_indicators_recompute(two: tuple[Path, Path]) -> None:
    change(two[1], "facts/vaccinations.yaml", "grain: child", "grain: event")
    found = told(two)
    assert found["recompute"] == ["health.vaccination"]
    assert found["reassess"] == ["T02"]


def test_a_changed_code_list_reaches_through_the_fact(two: tuple[Path, Path]) -> None:
    change(two[1], "codes/sex.yaml", "男", "男性")
    assert told(two)["recompute"] == ["health.vaccination"]


def test_an_edited_released_definition_is_marked(two: tuple[Path, Path]) -> None:
    change(two[1], "indicators/vaccination.yaml", '{count: "*"}', '{count: "*", where: "dose = \'MMR1\'"}')
    result = diff_packs(load_pack(two[0]), load_pack(two[1]))
    assert [c.id for c in result.changes if c.edits_released] == ["health.vaccination"]


def test_added_and_removed_entries_and_the_policy(two: tuple[Path, Path]) -> None:
    (two[1] / "indicators/infant_mortality.yaml").unlink()
    (two[1] / "policy.yaml").write_text("likely: 0.8\n")
    result = diff_packs(load_pack(two[0]), load_pack(two[1]))
    assert {(c.kind, c.id, c.what) for c in result.changes} == {
        ("indicators", "health.infant_mortality", "removed"), ("policy", "policy", "changed")}  # fmt: skip
    assert set(result.reassess) == {"T01", "T02"}


def test_other_years_of_the_plan_judge_every_target_again(two: tuple[Path, Path]) -> None:
    change(two[1], "plan/plan.yaml", "end: 2025", "end: 2026")
    result = diff_packs(load_pack(two[0]), load_pack(two[1]))
    assert [(c.kind, c.details) for c in result.changes] == [("plan", ("end：2025 → 2026",))]
    assert (set(result.recompute), set(result.reassess)) == (set(), {"T01", "T02"})


def test_a_goal_left_to_a_higher_level_judges_the_targets_below_it_again(two: tuple[Path, Path]) -> None:
    for root in two:
        change(root, "plan/fields/01-health.yaml", 'number: "2"', 'number: "2"\n    parent: health.g1')
    change(two[1], "plan/fields/01-health.yaml", 'number: "1"', 'number: "1"\n    left_to: 市级')
    assert set(diff_packs(load_pack(two[0]), load_pack(two[1])).reassess) == {"T01", "T02"}


@pytest.fixture
def pack(two: tuple[Path, Path]) -> Pack:
    return load_pack(two[0])


def test_coverage_names_what_serves_and_what_nothing_serves(pack: Pack) -> None:
    found = coverage(pack)
    assert found.targets == {
        "T01": ["indicator:health.infant_mortality", "return:MCH01"],
        "T02": ["indicator:health.vaccination", "fact:vaccinations"],
    }
    assert found.goals["health.g1"] == found.targets["T01"]
    assert found.measures == {"health.m1": Served()}


def test_coverage_as_json(two: tuple[Path, Path]) -> None:
    result = CliRunner().invoke(main, ["coverage", "--json", str(two[0])])
    found = json.loads(result.stdout)
    assert set(found) == {"targets", "goals", "measures", "systems", "duties"}
    assert found["measures"] == {"health.m1": {"measured": [], "operated": []}}


def test_what_is_watched_is_told_from_what_is_done(pack: Pack) -> None:
    """An indicator measures; a part of the site operates; both sums are printed."""
    system = System(id="S001", label=Label(zh="信息平台"), place="健康1", quote="建设平台", kept_in=("returns",))
    watched = System(id="S002", label=Label(zh="档案"), place="健康1", quote="建档")
    rate = pack.indicators["health.infant_mortality"].model_copy(update={"serves": ("S001", "S002", "health.m1")})
    wider = replace(pack, systems={"S001": system, "S002": watched}, indicators=pack.indicators | {rate.id: rate})
    found = coverage(wider)
    measured = ["indicator:health.infant_mortality", "return:MCH01"]
    assert found.systems == {"S001": Served(measured, ["site:returns"]), "S002": Served(measured, [])}
    assert found.measures == {"health.m1": Served(measured, [])}


def test_coverage_in_words_prints_both_columns_and_sums(two: tuple[Path, Path]) -> None:
    result = CliRunner().invoke(main, ["coverage", str(two[0])])
    assert "策略措施：1 项，有监测 0 项，有办理 0 项，两样都没有 1 项" in result.output
    assert "监测 —｜办理 —" in result.output


def test_every_folder_has_a_schema_and_the_starter_pack_follows_it(two: tuple[Path, Path]) -> None:
    found = schemas()
    for folder, kind in KINDS.items():
        assert f"{folder.replace('/', '-')}.schema.json" in found
        for path in (two[0] / folder).glob("*.yaml"):
            data = yaml.safe_load(path.read_text("utf-8"))
            shape: Any = list[kind.model] if kind.many else kind.model  # type: ignore[name-defined]
            TypeAdapter(shape).validate_python(data)
    indicator = found["indicators.schema.json"]
    assert {"from", "numerator", "definitions"} <= set(indicator["properties"])
    assert "definitions" not in indicator["required"]
    targets = found["plan-fields.schema.json"]["$defs"]
    assert {"cut", "points", "per_year", "milestones", "strata", "of_areas"} <= set(targets["Target"]["properties"])
    assert {"milestones", "baseline", "by", "code"} <= set(targets["Stratum"]["properties"])
    assert "number" in {kind["type"] for kind in targets["Target"]["properties"]["cut"]["anyOf"]}


def test_a_pack_over_another_replaces_by_id(tmp_path: Path, two: tuple[Path, Path]) -> None:
    child = tmp_path / "child"
    (child / "indicators").mkdir(parents=True)
    (child / "pack.toml").write_text('id = "child"\ntitle = "子包"\nversion = "1"\nextends = ["../old"]\n', "utf-8")
    text = (two[0] / "indicators/vaccination.yaml").read_text("utf-8").replace("decimals: 1", "decimals: 2")
    (child / "indicators/v.yaml").write_text(text, "utf-8")
    merged = load_pack(child)
    assert merged.indicators["health.vaccination"].decimals == 2
    assert set(merged.indicators) == {"health.vaccination", "health.infant_mortality"}
    assert merged.plan is not None


def test_a_measure_is_operated_by_what_operates_a_system_that_its_own_text_asks_for(pack: Pack) -> None:
    """The clause of the system stands in the text of the measure; another clause, and an empty one, do not."""
    measure = pack.measures["health.m1"]
    clause = measure.text[:8]
    asked = System(id="S001", label=Label(zh="一"), place="健康1", quote=clause, kept_in=("returns",))
    lacking = asked.model_copy(update={"id": "S002", "kept_in": ()})
    elsewhere = asked.model_copy(update={"id": "S003", "quote": "别处的一句话", "kept_in": ("wall",)})
    unsaid = asked.model_copy(update={"id": "S004", "quote": "", "kept_in": ("fund",)})
    wider = replace(pack, systems={s.id: s for s in (asked, lacking, elsewhere, unsaid)})
    assert asked_by(wider)["health.m1"] == ("S001", "S002")
    assert coverage(wider).measures["health.m1"] == Served([], ["site:returns"])
