"""The two published classes: all published cases, and what is done where the rules are silent."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qingmiao.assess.international import Case, statcan_class, unsd_class
from qingmiao.cli import main

DATA = Path(__file__).parents[2] / "data" / "assessment"
FILES = {
    "statcan": ("statcan_two_point_cases.csv", 342),
    "unsd2023": ("unsd2023_two_point_cases_eustat.csv", 29),
    "qingmiao": ("nbs_attainment_cases.csv", 9),
}
RULES = {"STATCAN_2025": "statcan", "UNSD_2023": "unsd2023", "ATTAINMENT_NBS": "qingmiao"}


def run(method: str, source: Path, out: Path) -> Result:
    return CliRunner().invoke(main, ["assess", "--method", method, str(source), str(out)])


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def same(got: dict[str, str], wanted: dict[str, str]) -> None:
    assert got["case_id"] == wanted["case_id"]
    assert got["class"] == wanted["expected_class"]
    for mine, theirs in (("progress_value", "expected_progress_value"), ("score", "expected_score")):
        if theirs in wanted:
            assert (got[mine] == "") == (wanted[theirs] == ""), got["case_id"]
            if wanted[theirs]:
                assert float(got[mine]) == pytest.approx(float(wanted[theirs]), abs=1e-4)


@pytest.mark.parametrize("method", FILES)
def test_published_cases(method: str, tmp_path: Path) -> None:
    name, count = FILES[method]
    assert run(method, DATA / name, tmp_path / "out.csv").exit_code == 0
    made, wanted = table(tmp_path / "out.csv"), table(DATA / name)
    assert len(made) == len(wanted) == count
    for got, case in zip(made, wanted, strict=True):
        same(got, case)


def test_open_examples_by_each_method(tmp_path: Path) -> None:
    wanted = table(DATA / "assessment_examples.csv")
    assert len(wanted) == 43
    for rule, method in RULES.items():
        assert run(method, DATA / "assessment_examples.csv", tmp_path / "out.csv").exit_code == 0
        made = table(tmp_path / "out.csv")
        for got, case in zip(made, wanted, strict=True):
            if case["rule"] == rule:
                same(got, case)


def up(**more: float | None) -> Case:
    return Case(
        **{
            "direction": "up",
            "base_year": 2015,
            "base_value": 50.0,
            "current_year": 2020,
            "current_value": 60.0,
            **more,
        }
    )  # type: ignore[arg-type]


def down(**more: float | None) -> Case:
    return Case(
        **{
            "direction": "down",
            "base_year": 2015,
            "base_value": 50.0,
            "current_year": 2020,
            "current_value": 40.0,
            **more,
        }
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("case", "name", "score"),
    [
        (up(current_year=2015), "not_available", None),
        (up(current_year=2015, target_value=10.0), "not_available", None),  # rule 1 comes before rule 4
        (up(current_year=2014), "not_available", None),
        (up(current_value=None), "not_available", None),
        (up(base_value=None), "not_available", None),
        (up(direction=None), "not_available", None),
        (up(base_value=-5.0), "not_available", None),
        (up(current_value=-5.0), "not_available", None),
        (down(current_value=0.0), "substantial_progress", 5.0),
        (down(current_value=0.0, target_value=0.0), "target_achieved", 5.0),
        (down(base_value=0.0, current_value=0.0), "substantial_progress", 5.0),  # 0.001 → 0
        (up(base_value=0.0, current_value=5.0), "substantial_progress", 5.0),
        (down(base_value=0.0, current_value=5.0), "deterioration", -5.0),
        (up(target_value=50.0), "target_achieved", 5.0),
        (up(target_value=50.0, current_value=49.0), "deterioration", -5.0),  # nothing was needed, now lost
        (up(target_value=60.0, target_year=2015), "target_achieved", 5.0),
        (up(target_value=70.0, target_year=2015), "not_available", None),
        (up(target_value=70.0, target_year=2010), "not_available", None),
        (up(current_value=50.0), "limited_progress", -2.5),
        (up(base_value=100.0, current_value=100.0, natural_limit=100.0), "substantial_progress", 5.0),
        (up(base_value=100.0, current_value=99.9, natural_limit=100.0), "deterioration", None),
        (up(base_value=105.0, current_value=106.0, natural_limit=100.0), "substantial_progress", 5.0),
        (down(natural_limit=0.0, current_value=49.9), "limited_progress", None),  # no relative distance to 0
        (
            up(base_value=100.0, current_year=2016, current_value=101.5),
            "substantial_progress",
            2.5,
        ),  # exactly 1.5 %
        (up(base_value=100.0, current_year=2016, current_value=100.5), "moderate_progress", 0.0),
        (up(base_value=100.0, current_year=2016, current_value=100.49), "limited_progress", None),
    ],
)
def test_statcan_edges(case: Case, name: str, score: float | None) -> None:
    made = statcan_class(case)
    assert made.name == name
    if score is not None:
        assert made.score == pytest.approx(score, abs=1e-9)
    if name == "not_available":
        assert (made.score, made.progress) == (None, None)
        assert made.reason


def test_statcan_target_without_a_year_is_meant_for_2030() -> None:
    assert statcan_class(up(target_value=80.0)) == statcan_class(up(target_value=80.0, target_year=2030))


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (up(current_year=2015), "not_available"),
        (up(current_year=2015, target_value=55.0), "on_track_or_met"),
        (up(base_value=None, target_value=55.0), "on_track_or_met"),
        (up(base_value=0.0), "not_available"),
        (up(base_value=0.0, target_value=55.0), "on_track_or_met"),
        (up(base_value=-1.0, target_value=90.0), "not_available"),
        (down(current_value=0.0), "on_track_or_met"),
        (up(current_value=49.0, target_value=50.0), "stagnation_or_regression"),  # target equal to base
        (up(current_value=40.0, target_value=45.0), "stagnation_or_regression"),  # was beyond the target
        (up(base_value=100.0, current_year=2016, current_value=102.0), "on_track_or_met"),  # exactly 2 %
        (up(base_value=100.0, current_year=2016, current_value=100.5), "fair_progress_acceleration_needed"),
        (up(base_value=100.0, current_year=2016, current_value=100.4), "stagnation_or_regression"),
        (
            up(base_value=1e-100, current_value=1e100, current_year=2016, target_value=1e305),
            "on_track_or_met",
        ),
    ],
)
def test_unsd_edges(case: Case, name: str) -> None:
    made = unsd_class(case)
    assert made.name == name
    assert made.score is None


def test_unsd_expects_the_same_growth_until_2030() -> None:
    made = unsd_class(up(current_value=60.0, target_value=100.0, target_year=2025))
    expected = 60 * (60 / 50) ** ((2030 - 2020) / 5)
    assert made.progress == pytest.approx((expected - 50) / (100 - 50))


HEAD = "case_id,direction,base_year,base_value,current_year,current_value,target_value,target_year,natural_limit\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes((HEAD + "甲,上升,2015,50,2020,60,,,\n").encode(encoding))
    assert run("statcan", tmp_path / "in.csv", tmp_path / "out.csv").exit_code == 0
    assert table(tmp_path / "out.csv")[0]["case_id"] == "甲"


def test_optional_columns_may_be_absent_and_others_present(tmp_path: Path) -> None:
    text = "note,case_id,direction,base_year,base_value,current_year,current_value\nx,1,up,2015,50,2020,60\n"
    (tmp_path / "in.csv").write_text(text, "utf-8")
    assert run("statcan", tmp_path / "in.csv", tmp_path / "out.csv").exit_code == 0
    assert table(tmp_path / "out.csv")[0]["class"] == "substantial_progress"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["空的"]),
        (HEAD, ["没有数据行"]),
        ("case_id,direction\n1,up\n", ["base_year", "base_value", "current_year", "current_value"]),
        (
            HEAD + "1,up,2015,abc,2020,60,,,\n2,sideways,20x5,1,2020,60,,,\n",
            [":2 [base_value]", ":3 [direction]", ":3 [base_year]"],
        ),
        (HEAD + ",up,2015,50,2020,60,,,\n", [":2 [case_id]"]),
        (HEAD + "1,up,2015,50,2020,60,,,,,,,\n", [":2", "13 格"]),
        (HEAD + '1,"up,2015\n', ["CSV"]),
        (HEAD + "1,up,2015,nan,2020,inf,,,\n", ["base_value", "current_value"]),
        (HEAD + "1,up,2015,1_000,2020,1e400,,,\n", ["「1_000」", "「1e400」"]),
        (HEAD + "1,up,2015.5,50,2020,60,,,\n", [":2 [base_year]"]),
        (HEAD.replace("natural_limit", "case_id") + "1,up,2015,50,2020,60,,,\n", ["重复"]),
    ],
)
def test_faults_are_all_told_and_nothing_is_written(text: str, told: list[str], tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(text, "utf-8")
    result = run("statcan", tmp_path / "in.csv", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert not (tmp_path / "out.csv").exists()
    for words in told:
        assert words in result.output


def test_no_file_and_no_folder(tmp_path: Path) -> None:
    assert run("statcan", tmp_path / "no.csv", tmp_path / "out.csv").exit_code == 2
    (tmp_path / "in.csv").write_text(HEAD + "1,up,2015,50,2020,60,,,\n", "utf-8")
    assert run("statcan", tmp_path / "in.csv", tmp_path / "no" / "out.csv").exit_code == 2


@pytest.mark.parametrize(
    ("kind", "base", "value", "bar", "wanted"),
    [
        ("upper_bound", "", "3.20", "3.2", "met"),
        ("upper_bound", "", "3.21", "3.2", "not_met"),
        ("lower_bound", "", "94.99", "95", "not_met"),
        ("lower_bound", "", "0", "0", "met"),
        ("level", "", "95", "95", "met"),
        ("relative_reduction", "10", "8.0", "20", "met"),
        ("relative_reduction", "10", "8.1", "20", "not_met"),
        ("relative_reduction", "0", "0", "20", "not_available"),
        ("relative_reduction", "", "8.0", "20", "not_available"),
        ("falling", "10", "9", "", "met"),
        ("rising", "10", "11", "", "met"),
        ("trend_controlled", "10", "10.1", "", "not_met"),
        ("no_numeric_target", "10", "11", "", "not_available"),
        ("none", "10", "11", "5", "not_available"),
        ("lower_bound", "", "", "95", "not_available"),
        ("lower_bound", "", "95", "", "not_available"),
        ("lower_bound", "", "1e300", "95", "not_available"),
    ],
)
def test_our_own_verdict(kind: str, base: str, value: str, bar: str, wanted: str, tmp_path: Path) -> None:
    head = "case_id,target_kind,direction,base_year,base_value,current_year,current_value,target_value,target_year\n"
    base_year = "2020" if base else ""
    (tmp_path / "in.csv").write_text(f"{head}1,{kind},up,{base_year},{base},2024,{value},{bar},2025\n", "utf-8")
    assert run("qingmiao", tmp_path / "in.csv", tmp_path / "out.csv").exit_code == 0
    assert table(tmp_path / "out.csv")[0]["class"] == wanted
