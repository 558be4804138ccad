"""The demonstration county as a whole: repeatable, marked, accepted without faults, near its scenario's levels."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from qingmiao.cli.demo_data import demo_data
from qingmiao.collect import Collected, collect
from qingmiao.content import Pack, load_pack
from qingmiao.demo import Summary, generate
from qingmiao.demo.scenario import Scenario, read_scenario
from qingmiao.demo.writer import MARK, MARKER_FILE
from reader import told_of_collected

ROOT = Path(__file__).parents[2]
SEED = 20240601
SMALL = 4000
COUNTY = 45_000


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(ROOT / "content" / "xiangning")


@pytest.fixture(scope="module")
def scenario(pack: Pack) -> Scenario:
    return read_scenario(pack)


@pytest.fixture(scope="module")
def county(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return generate(pack, tmp_path_factory.mktemp("county"), seed=SEED)


@pytest.fixture(scope="module")
def collected(pack: Pack, county: Summary) -> Collected:
    return collect(pack, county.folder)


@pytest.mark.parametrize("year", [2022, 2024])
def test_its_report_holds_nothing_to_stumble_over(pack: Pack, collected: Collected, year: int) -> None:
    document, wrong = told_of_collected(pack, collected, year)
    assert not wrong, "\n".join(wrong[:20])
    assert document.entries


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_same_seed_same_bytes_other_seed_other(pack: Pack, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        generate(pack, tmp_path / name, seed=seed, children=SMALL)
    first, second, other = (digests(tmp_path / n) for n in "abc")
    assert first == second
    same = {name for name in first if other.get(name) == first[name]}
    # only a sheet of fixed figures (no chance in it) may be equal
    assert not {n for n in same if n.startswith("facts/")}
    assert len(same) <= 2


def test_every_file_is_marked(county: Summary) -> None:
    assert MARK in (county.folder / MARKER_FILE).read_text("utf-8")
    tables = sorted((county.folder / "facts").iterdir())
    assert {p.suffix for p in tables} == {".csv", ".parquet"}
    for path in tables:
        if path.suffix == ".parquet":
            assert MARK.encode() in (pq.read_schema(path).metadata or {})
        else:
            assert "演示" in path.read_text("utf-8").splitlines()[1]
    for path in (county.folder / "returns").iterdir():
        assert MARK in path.name
    rows = list(csv.DictReader((county.folder / "series.csv").open(encoding="utf-8")))
    assert rows
    assert all(MARK in r["note"] and MARK in r["source"] for r in rows)


def test_ids_are_visibly_invented(county: Summary) -> None:
    identity_number = re.compile(r"\d{17}[\dXx]|1[3-9]\d{9}")
    con = duckdb.connect()
    for path in sorted((county.folder / "facts").glob("*.parquet")):
        table = pq.read_table(path)
        for name in table.column_names:
            if not (name.endswith("_id") or name == "name"):
                continue
            con.register("t", table.select([name]))
            total, marked = con.execute(
                f"SELECT count({name}), count(*) FILTER ({name} LIKE '%演示%') FROM t"
            ).fetchone()  # type: ignore[misc]
            assert marked == total, (path.name, name)
            sample = con.execute(f"SELECT {name} FROM t WHERE {name} IS NOT NULL LIMIT 500").fetchall()
            assert not [v for (v,) in sample if identity_number.search(v)]


def test_the_folder_is_collected_without_faults(county: Summary, collected: Collected) -> None:
    assert collected.demo
    assert {n for n in county.rows if n not in ("returns", "series")} <= set(collected.tables)


def test_the_findings_are_those_that_the_scenario_plans(collected: Collected, scenario: Scenario) -> None:
    odd = [e for e in scenario.items("return_events") if "odd" in e]
    breaches = [f for f in collected.findings if f.code == "query_rule"]
    assert {f.table for f in breaches} == {e["return"] for e in odd}
    assert {f.table for f in collected.findings if f.code == "implausible"} >= {
        "growth_checks",
        "vision_checks",
    }
    status = {(s.return_id, s.area, s.year): s.state for s in collected.return_status}
    for event in scenario.items("return_events"):
        if "missing" in event and "area" in event:
            assert status[event["return"], event["area"], event["year"]] == "missing"
        if "late" in event:
            root = next(s.area for s in collected.return_status if s.return_id == event["return"])
            assert status[event["return"], root, event["year"]] == "late"


def one(collected: Collected, table: str, query: str) -> float:
    con = duckdb.connect()
    con.register("t", collected.tables[table])
    found = con.execute(f"SELECT {query} FROM t").fetchone()
    assert found is not None
    return float(found[0])


@pytest.mark.parametrize(
    ("table", "query", "place", "year", "tolerance"),
    [
        ("growth_checks", "100 * avg(anaemic::int) FILTER (year(check_date) = 2024)", "growth.haemoglobin.anaemia",
            2024, 1.0),
        ("growth_checks", "100 * avg(stunted::int) FILTER (year(check_date) = 2020)", "growth.stunting.share", 2020,
            0.5),
        ("growth_checks", "100 * avg(underweight::int) FILTER (year(check_date) = 2020)", "growth.underweight.share",
            2020, 0.6),
        ("vision_checks", "100 * avg(myopic::int) FILTER (grade = 'P3' AND year(check_date) = 2023)",
            "vision.prevalence.P3", 2023, 2.5),
        ("vision_checks", "100 * avg(myopic::int) FILTER (grade = 'H2' AND year(check_date) = 2025)",
            "vision.prevalence.H2", 2025, 3.0),
        ("fitness_tests", "100 * avg(passed::int) FILTER (year(test_date) = 2025)", "fitness.passed", 2025, 1.0),
        ("fitness_tests", "100 * avg(good::int) FILTER (year(test_date) = 2025)", "fitness.good", 2025, 1.5),
        ("fitness_tests", "100 * avg(obese::int) FILTER (year(test_date) = 2020)", "fitness.obese", 2020, 0.8),
        ("fitness_tests", "100 * avg(overweight::int) FILTER (year(test_date) = 2020)", "fitness.overweight", 2020,
            0.8),
        ("live_births", "100 * avg(visited::int)", "births_detail.visited", 2020, 2.0),
        ("children", "100 * avg(insured::int) FILTER (year = 2024)", "insured", 2024, 0.5),
        ("air_days", "100 * avg(good::int) FILTER (valid AND year(day) BETWEEN 2020 AND 2024)", "air.good_days", 2022,
            3.0),
    ],
)  # fmt: skip
def test_measured_levels_are_near_the_scenario(
    collected: Collected, scenario: Scenario, table: str, query: str, place: str, year: int, tolerance: float
) -> None:
    assert one(collected, table, query) == pytest.approx(scenario.level(place, year), abs=tolerance)


def test_the_population_is_about_the_size_asked_for(collected: Collected) -> None:
    ends = one(collected, "children", "count(*) / count(DISTINCT year)")
    assert ends == pytest.approx(COUNTY, rel=0.06)
    births = [one(collected, "live_births", f"count(*) FILTER (year(birth_date) = {y})") for y in (2016, 2025)]
    assert births[0] == pytest.approx(2400, rel=0.06)
    assert births[1] == pytest.approx(1300, rel=0.08)


def test_the_scenario_has_no_parameter_that_nothing_reads(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = read_scenario(pack)
    monkeypatch.setattr("qingmiao.demo.county.read_scenario", lambda _: kept)
    generate(pack, tmp_path, seed=1, children=SMALL)
    assert [
        p
        for p in kept.unused()
        if not p.startswith(("people.", "seats.", "events", "benefits.", "registers.", "mothers."))
    ] == []  # those are the site's


def test_the_command_refuses_a_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", "utf-8")
    result = CliRunner().invoke(demo_data, ["--out", str(tmp_path), "--pack", str(ROOT / "content" / "xiangning")])
    assert result.exit_code == 2
    assert (tmp_path / "mine.txt").read_text("utf-8") == "x"
