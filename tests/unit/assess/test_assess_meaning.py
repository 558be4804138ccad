"""What a target value means: a change is never taken for a level, and a contradiction is refused with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from test_assess_international import table

from qingmiao.assess.cases import TableCase, assess_case
from qingmiao.assess.international import Case
from qingmiao.cli.assess import assess

HEAD = (
    "case_id,target_kind,direction,base_year,base_value,current_year,current_value,target_value,target_year,unit,"
    "target_unit\n"
)
BOTH = ("statcan", "unsd2023")


def _run(method: str, row: str, folder: Path) -> dict[str, str]:
    (folder / "in.csv").write_text(HEAD + f"1,{row}\n", "utf-8")
    result = CliRunner().invoke(assess, ["--method", method, str(folder / "in.csv"), str(folder / "out.csv")])
    assert result.exit_code == 0, result.output
    return table(folder / "out.csv")[0]


@pytest.mark.parametrize("method", BOTH)
def test_a_relative_reduction_is_the_level_that_it_leads_to(method: str, tmp_path: Path) -> None:
    """Trial 15i: 12.4 → 10.3 with a reduction of 20 % asks for 12.4 × 0.8 = 9.92, not for 20."""
    changed = _run(method, "relative_reduction,down,2020,12.4,2024,10.3,20,2030,,", tmp_path)
    level = _run(method, "level,down,2020,12.4,2024,10.3,9.92,2030,,", tmp_path)
    assert (changed["class"], changed["progress_value"], changed["score"]) == (
        level["class"], level["progress_value"], level["score"],
    )  # fmt: skip
    assert changed["class"] not in ("target_achieved", "not_available")
    met = _run(method, "relative_reduction,down,2020,12.4,2024,9.92,20,2030,,", tmp_path)
    assert met["class"] in ("target_achieved", "on_track_or_met")
    missed = _run(method, "relative_reduction,down,2020,12.4,2024,9.93,20,2024,,", tmp_path)
    assert missed["class"] != "target_achieved"


LEVELS = [
    ("reduce_by,,2020,50,2024,45,5,2030,%,百分点", "level,down,2020,50,2024,45,45,2030,,"),
    ("reduce_by,,2020,50,2024,45,5,2030,%,%", "level,down,2020,50,2024,45,47.5,2030,,"),
    ("increase_by,up,2020,50,2024,60,20,2030,,", "level,up,2020,50,2024,60,60,2030,,"),
    ("upper_bound,,2020,5,2024,4,3,2030,,", "level,down,2020,5,2024,4,3,2030,,"),
    ("lower_bound,,2020,50,2024,60,90,2030,%,%", "level,up,2020,50,2024,60,90,2030,,"),
    ("falling,,2020,5,2024,4,,2030,,", "no_numeric_target,down,2020,5,2024,4,,2030,,"),
]


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize(("given", "means"), LEVELS)
def test_each_kind_means_one_level(given: str, means: str, method: str, tmp_path: Path) -> None:
    one, other = _run(method, given, tmp_path), _run(method, means, tmp_path)
    assert one == other
    assert one["class"] != "not_available"


REFUSED = [
    ("relative_reduction,up,2020,12.4,2024,10.3,20,2030,,", "方向写上升"),
    ("upper_bound,up,2020,5,2024,4,3,2030,,", "方向写上升"),
    ("lower_bound,down,2020,50,2024,60,90,2030,,", "方向写下降"),
    ("relative_reduction,down,2020,0,2024,10.3,20,2030,,", "基期值为 0 或负"),
    ("relative_reduction,down,2020,-3,2024,10.3,20,2030,,", "基期值为 0 或负"),
    ("relative_reduction,down,2020,,2024,10.3,20,2030,,", "没有基期值"),
    ("relative_reduction,down,,12.4,2024,10.3,20,2030,,", "没有基期值或基期年"),
    ("relative_reduction,down,2020,12.4,2024,10.3,-20,2030,,", "变化幅度为负"),
    ("relative_reduction,down,2020,12.4,2024,10.3,120,2030,,", "超过 100%"),
    ("relative_reduction,down,2020,12.4,2024,10.3,0.2,2030,,", "0.2% 还是 20%"),
    ("relative_reduction,down,2020,12.4,2024,10.3,,2030,,", "要有目标值"),
    ("relative_reduction,down,2020,12.4,2024,10.3,20,2030,%,人", "既不是 % 也不是百分点"),
    ("level,up,2020,50,2024,60,900,2030,%,‰", "单位「‰」与数值的单位「%」不同"),
    ("level,up,2020,50,2024,60,900,2030,,‰", "与数值的单位「（没有写）」不同"),
    ("falling,down,2020,5,2024,4,3,2030,,", "没有目标值，却写了目标值"),
    ("no_numeric_target,down,2020,5,2024,4,3,2030,,", "又写了目标值"),
    ("trend_controlled,down,2020,5,2024,4,,2030,,", "不是一个水平"),
    ("within,down,2020,5,2024,4,3,2030,,", "不认识的目标种类「within」"),
    ("level,,2020,5,2024,4,3,2030,,", "没有写方向"),
    ("level,down,2025,5,2024,4,3,2030,,", "早于基期年"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "why"), REFUSED)
def test_what_can_be_mistaken_is_refused_with_the_reason(row: str, why: str, tmp_path: Path) -> None:
    made = _run("statcan", row, tmp_path)
    assert made["class"] == "not_available"
    assert why in made["reason"]
    assert made["score"] == ""


def test_target_year_before_the_base_is_refused(tmp_path: Path) -> None:
    made = _run("statcan", "level,down,2020,5,2024,4,3,2018,,", tmp_path)
    assert (made["class"], made["reason"]) == ("not_available", "目标年不晚于基期年，算不出所需的年均变化")


@pytest.mark.parametrize("method", ["statcan", "unsd2023"])
@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["base_value", "current_value", "target_value"])
def test_what_is_no_number_has_no_class(method: str, odd: float, name: str) -> None:
    case = {
        "direction": "up",
        "base_year": 2020,
        "base_value": 5.0,
        "current_year": 2024,
        "current_value": 6.0,
    }
    given = {**case, "target_value": 7.0, name: odd}
    made = assess_case(TableCase("1", Case(**given)), method)  # type: ignore[arg-type]
    assert made.name == "not_available"
    assert "不是数" in made.reason


def test_our_own_method_refuses_a_share_for_a_percentage(tmp_path: Path) -> None:
    made = _run("qingmiao", "relative_reduction,down,2020,12.4,2024,10.3,0.2,2030,,", tmp_path)
    assert made["class"] == "not_available"
    points = _run("qingmiao", "reduce_by,down,2020,50,2024,45,5,2030,%,百分点", tmp_path)
    assert points["class"] == "met"
