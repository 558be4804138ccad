"""Mergers, splits, moves, new codes: rows in, values out, with the arithmetic (docs/explanation/area-history.md)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from area_world import COUNTY, World, doses, town

from qingmiao.assess import Verdict
from qingmiao.assess.values import read_values
from qingmiao.collect.snapshot import write_snapshot
from qingmiao.measure.lineage import explain
from qingmiao.measure.run import measure

A, B, C, D = "990101101", "990101102", "990101103", "990101104"
MERGED = (  # 甲乡、乙乡 2023-03-01 合并为丙镇
    COUNTY + town(A, "甲乡") + town(B, "乙乡")
    + town(C, "丙镇", f', changes: [{{date: 2023-03-01, kind: merged, from: ["{A}", "{B}"]}}]')
)  # fmt: skip


def test_a_merger_adds_counts_and_makes_the_rate_anew(tmp_path: Path) -> None:
    world = World(
        MERGED,
        doses=[*doses("a", A, 2022, 9, 10), *doses("b", B, 2022, 20, 40), *doses("c", C, 2023, 48, 50),
               *doses("d", A, 2023, 1, 2, month=1)],
        returns=[f"R1,2022,{A},01,1,100", f"R1,2022,{A},02,1,1", f"R1,2022,{B},01,1,300", f"R1,2022,{B},02,1,1",
                 f"R1,2023,{C},01,1,400", f"R1,2023,{C},02,1,4"],
        series=[f"rate,{A},2022,90,9,10", f"rate,{B},2022,50,20,40", f"rate,{C},2023,80,,",
                f"beds,{A},2022,3,,", f"beds,{B},2022,4,,", f"beds,{C},2023,9,,"],
    )  # fmt: skip
    got = world.values(tmp_path)
    # doses: (9 + 20) of (10 + 40) = 58%, never the mean of 90% and 50% (70%)
    assert got["vacc", C, 2022]["value"] == pytest.approx(58.0)
    assert (got["vacc", C, 2022]["numerator"], got["vacc", C, 2022]["denominator"]) == (29, 50)
    assert got["vacc", A, 2022]["value"] == pytest.approx(90.0)
    # the year of the merger is 丙镇's alone: 48 + 1 of 50 + 2; 甲乡 does not exist at its end
    assert (got["vacc", C, 2023]["numerator"], got["vacc", C, 2023]["denominator"]) == (49, 52)
    assert ("vacc", A, 2023) not in got
    # returns: (1 + 1) / (100 + 300) = 5‰
    assert got["deaths", C, 2022]["value"] == pytest.approx(5.0)
    assert got["deaths", "990101", 2022]["value"] == pytest.approx(5.0)
    assert got["deaths", "990101", 2023]["value"] == pytest.approx(10.0)
    # published: 29 of 50; counts 3 + 4
    assert got["rate", C, 2022]["value"] == pytest.approx(58.0)
    assert got["beds", C, 2022]["value"] == 7
    assert got["children", "990101", 2022]["value"] == 50


def test_rates_alone_are_a_gap_with_its_reason(tmp_path: Path) -> None:
    got = World(MERGED, series=[f"rate,{A},2022,90,,", f"rate,{B},2022,50,,", f"rate,{C},2023,80,,"]).values(tmp_path)
    row = got["rate", C, 2022]
    assert (row["value"], row["reason"], row["obs_status"]) == (None, "parts_do_not_add", "M")


@pytest.mark.parametrize("given", ["return", "series"])
def test_one_part_missing_is_a_gap(tmp_path: Path, given: str) -> None:
    one = [f"R1,2022,{A},01,1,100", f"R1,2022,{A},02,1,1"] if given == "return" else []
    series = [f"rate,{A},2022,90,9,10"] if given == "series" else []
    got = World(MERGED, returns=one, series=series).values(tmp_path)
    row = got["deaths" if one else "rate", C, 2022]
    assert row["value"] is None
    assert row["reason"] not in ("", "parts_do_not_add")


def test_a_figure_given_for_todays_area_is_not_added_to(tmp_path: Path) -> None:
    series = [f"beds,{A},2022,3,,", f"beds,{B},2022,4,,", f"beds,{C},2022,8,,"]
    assert World(MERGED, series=series).values(tmp_path)["beds", C, 2022]["value"] == 8


def test_a_town_taken_into_one_that_was_there(tmp_path: Path) -> None:
    areas = COUNTY + town(A, "甲镇") + town(B, "乙乡", f', changes: [{{date: 2023-03-01, kind: merged, to: ["{A}"]}}]')
    world = World(areas, doses=[*doses("a", A, 2022, 9, 10), *doses("b", B, 2022, 20, 40), *doses("c", A, 2023, 1, 1)])
    got = world.values(tmp_path)
    assert (got["vacc", A, 2022]["numerator"], got["vacc", A, 2022]["denominator"]) == (29, 50)
    assert got["vacc", B, 2022]["denominator"] == 40
    assert got["vacc", A, 2023]["denominator"] == 1
    assert got["vacc", "990101", 2022]["denominator"] == 50


def test_mergers_one_after_the_other(tmp_path: Path) -> None:
    areas = MERGED + town(
        D, "丁镇", ', changes: [{date: 2024-05-01, kind: merged, from: ["990101103", "990101105"]}]'
    ) + town("990101105", "戊乡")  # fmt: skip
    series = [f"beds,{A},2022,1,,", f"beds,{B},2022,2,,", "beds,990101105,2022,4,,", f"beds,{C},2023,8,,",
              "beds,990101105,2023,16,,", f"beds,{D},2024,32,,"]  # fmt: skip
    got = World(areas, series=series).values(tmp_path)
    assert [got["beds", D, y]["value"] for y in (2022, 2023, 2024)] == [7, 24, 32]
    assert [got["beds", C, y]["value"] for y in (2022, 2023)] == [3, 8]
    assert ("beds", C, 2024) not in got


SPLIT = f', changes: [{{date: 2023-03-01, kind: split, from: ["{A}"], to: ["{C}", "{D}"]MORE}}]'  # 甲乡分设为丙、丁


def test_a_split_has_no_history_of_its_parts_but_the_county_goes_on(tmp_path: Path) -> None:
    areas = COUNTY + town(A, "甲乡", SPLIT.replace("MORE", "")) + town(C, "丙乡") + town(D, "丁乡")
    world = World(areas, doses=[*doses("a", A, 2022, 9, 10), *doses("c", C, 2023, 3, 4), *doses("d", D, 2023, 5, 6)])
    got = world.values(tmp_path)
    assert got["vacc", A, 2022]["value"] == pytest.approx(90.0)
    for new in (C, D):
        assert (got["vacc", new, 2022]["value"], got["vacc", new, 2022]["reason"]) == (None, "before_split")
    assert [got["children", "990101", y]["value"] for y in (2022, 2023)] == [10, 10]


def test_a_split_with_sourced_shares_is_an_estimate(tmp_path: Path) -> None:
    more = f', shares: {{"{C}": 0.6, "{D}": 0.4}}, source: {{document: 2020年人口普查}}'
    areas = COUNTY + town(A, "甲乡", SPLIT.replace("MORE", more)) + town(C, "丙乡") + town(D, "丁乡")
    got = World(areas, doses=doses("a", A, 2022, 9, 10)).values(tmp_path)
    assert got["vacc", C, 2022]["denominator"] == pytest.approx(6.0)
    assert got["vacc", D, 2022]["numerator"] == pytest.approx(3.6)
    assert got["vacc", C, 2022]["value"] == pytest.approx(90.0)
    assert got["vacc", C, 2022]["obs_status"] == "E"


def test_what_came_out_of_a_split_cannot_be_added_before_it(tmp_path: Path) -> None:
    areas = (
        COUNTY + town(A, "甲乡", SPLIT.replace("MORE", "")) + town(C, "丙乡") + town(D, "丁乡") + town(B, "乙乡")
        + town("990101106", "己镇", f', changes: [{{date: 2024-03-01, kind: merged, from: ["{B}", "{D}"]}}]')
    )  # fmt: skip
    world = World(areas, doses=[*doses("a", A, 2022, 9, 10), *doses("b", B, 2022, 3, 4), *doses("d", D, 2023, 1, 2),
                                *doses("e", B, 2023, 1, 2)])  # fmt: skip
    got = world.values(tmp_path)
    assert got["vacc", "990101106", 2022]["value"] is None
    assert got["vacc", "990101106", 2023]["denominator"] == 4


def test_a_town_that_moved_in_brings_its_past_but_not_into_the_countys(tmp_path: Path) -> None:
    areas = (
        '- {code: "9901", name: 某市, level: city}\n- {code: "990101", name: 子县, level: county, parent: "9901"}\n'
        '- {code: "990102", name: 丑县, level: county, parent: "9901"}\n'
        + town(A, "甲乡") + town("990102101", "丁镇", parent="990102")
        + town("990101107", "丁镇", ', changes: [{date: 2023-03-01, kind: moved, from: ["990102101"]}]')
    )  # fmt: skip
    world = World(areas, doses=[*doses("a", A, 2022, 9, 10), *doses("b", "990102101", 2022, 20, 40),
                                *doses("c", "990101107", 2023, 1, 2)])  # fmt: skip
    got = world.values(tmp_path)
    assert got["vacc", "990101107", 2022]["denominator"] == 40
    assert got["vacc", "990101", 2022]["denominator"] == 10
    assert got["vacc", "990102", 2022]["denominator"] == 40
    assert got["vacc", "990101", 2023]["denominator"] == 2


def test_explaining_a_merged_areas_number_shows_the_rows_of_what_it_was_made_of(tmp_path: Path) -> None:
    world = World(
        MERGED,
        doses=[*doses("a", A, 2022, 1, 2), *doses("b", B, 2022, 1, 1), *doses("c", C, 2023, 1, 1)],
        returns=[f"R1,2022,{A},01,1,100", f"R1,2022,{A},02,1,1", f"R1,2022,{B},01,1,300", f"R1,2022,{B},02,1,1"],
        series=[f"beds,{A},2022,3,,", f"beds,{B},2022,4,,"],
    )  # fmt: skip
    pack, collected = world.collected(tmp_path)
    snapshot = write_snapshot(tmp_path / "snapshot", collected.tables)
    assert measure(pack, snapshot).values.equals(measure(pack, collected.tables).values)
    told = explain(pack, snapshot, "vacc", C, 2022)
    assert set(told.made_of) == {A, B, C}
    assert [s.total for s in told.sides] == [2, 3]
    assert {r.content["town"] for r in told.sides[1].rows} == {A, B}
    assert [s.total for s in explain(pack, snapshot, "deaths", C, 2022).sides] == [2, 2]
    assert [s.total for s in explain(pack, snapshot, "beds", C, 2022).sides] == [2]
    assert explain(pack, snapshot, "vacc", C, 2023).made_of == (A, B, C)
    assert explain(pack, snapshot, "vacc", A, 2022).made_of == ()


def test_every_township_means_those_that_exist_at_the_years_end(tmp_path: Path) -> None:
    areas = COUNTY + town(A, "甲镇") + town(B, "乙乡", ", changes: [{date: 2023-03-01, kind: abolished}]")
    rows = [*doses("a", A, 2022, 96, 100), *doses("b", A, 2023, 96, 100), *doses("c", B, 2022, 1, 10)]
    world = World(areas, doses=rows)
    assert world.assessed(tmp_path / "a", 2023).targets["each"].verdict is Verdict.MET
    before = world.assessed(tmp_path / "b", 2022).targets["each"]
    assert before.verdict is Verdict.NOT_MET
    assert "乙乡" in before.reason
    alive = World(COUNTY + town(A, "甲镇") + town(B, "乙乡"), doses=rows).assessed(tmp_path / "c", 2023)
    assert alive.targets["each"].verdict is Verdict.UNDETERMINED


def test_a_unit_that_no_longer_exists_owes_no_return(tmp_path: Path) -> None:
    returns = [f"R1,{y},{a},0{r},1,{v}" for y in (2022, 2024) for a in (A, C) for r, v in ((1, 9), (2, 0))
               if (a == A) == (y == 2022)]  # fmt: skip
    _, collected = World(MERGED, returns=returns).collected(tmp_path)
    state = {(s.year, s.area): s.state for s in collected.return_status}
    assert state == {
        (2022, A): "reported", (2022, B): "missing", (2023, C): "missing", (2024, C): "reported",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"doses": doses("x", A, 2024, 1, 1)},
            "doses.csv:2 [列 town] 乡镇：990101101（甲乡） 在这一天已不存在（建议：该地 2023-03-01 起并入 990101103（丙镇））"),
        ({"returns": [f"R1,2023,{A},01,1,5", f"R1,2023,{A},02,1,0"]}, "该地 2023-03-01 起并入 990101103（丙镇）"),
        ({"series": [f"beds,{A},2024,5,,"]},
            "series.csv:2 [列 area] 990101101（甲乡） 在 2024年 的最后一天已不存在（建议：该地 2023-03-01 起并入 990101103（丙镇））"),
    ],
)  # fmt: skip
def test_a_code_long_after_its_end_is_a_fault_that_names_the_new_one(
    tmp_path: Path, rows: dict[str, list[str]], said: str
) -> None:
    more = {"doses": doses("z", C, 2024, 1, 1), **rows}
    message = World(MERGED, **more).said(tmp_path)  # type: ignore[arg-type]
    assert said in message


def test_soon_after_the_change_the_old_code_is_taken_with_a_finding(tmp_path: Path) -> None:
    late = [f"x{i},{A},{day},是" for i, day in enumerate(("2023-02-28", "2023-03-01", "2024-02-28"))]
    pack, collected = World(MERGED, doses=late).collected(tmp_path)
    assert collected.tables["doses"]["town"].to_pylist() == [A, C, C]
    found = [(f.code, f.count, f.rows) for f in collected.findings if f.code == "old_code"]
    assert found == [("old_code", 2, (3, 4))]
    assert pack.policy.old_code_days == 365
    late = [f"x,{A},2024-02-29,是"]
    assert "2023-03-01 起并入" in World(MERGED, doses=late).said(tmp_path / "late")


def test_after_a_split_nobody_guesses_which_part_is_meant(tmp_path: Path) -> None:
    areas = COUNTY + town(A, "甲乡", SPLIT.replace("MORE", "")) + town(C, "丙乡") + town(D, "丁乡")
    said = World(areas, doses=[f"x,{A},2023-03-01,是"]).said(tmp_path)
    assert "该地 2023-03-01 起分设为 990101103（丙乡）、990101104（丁乡）" in said


def test_the_area_itself_cannot_be_counted_twice(tmp_path: Path) -> None:
    recoded = COUNTY + town(A, "甲镇", ', changes: [{date: 2023-03-01, kind: recoded, from: ["990101201"]}]')
    said = World(recoded, series=[f"beds,{A},2022,3,,", "beds,990101201,2022,4,,"]).said(tmp_path)
    assert "series.csv:3" in said


def test_a_town_that_gave_a_part_away_is_not_compared_across_it(tmp_path: Path) -> None:
    areas = COUNTY + town(A, "甲镇") + town(D, "丁乡", f', changes: [{{date: 2023-03-01, kind: split, from: ["{A}"]}}]')
    world = World(areas, series=[f"beds,{A},2022,9,,", f"beds,{A},2023,5,,", f"beds,{D},2023,4,,"])
    pack, collected = world.collected(tmp_path)
    store = read_values(pack, measure(pack, collected.tables).values, year=2023)
    assert not store.total("beds", A).comparable(2022, 2023)
    assert store.total("beds", "990101").comparable(2022, 2023)
    assert store.total("beds", A).at(2022).value == 9
