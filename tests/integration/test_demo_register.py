"""The made-up register: the children of the facts, with nobody's numbers and phones, in whole households."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from qingmiao.collect.data_files import data_files
from qingmiao.content import load_pack
from qingmiao.demo import generate
from qingmiao.demo.people import NEVER, blocks
from qingmiao.demo.places import places_of
from qingmiao.demo.register.lately import lived_on
from qingmiao.demo.register.numbers import PHONES
from qingmiao.demo.scenario import read_scenario
from qingmiao.demo.streams import Streams
from qingmiao.demo.world import World
from qingmiao.identity.numbers import DEMONSTRATION, read_birth_certificate, read_person_number

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pack = load_pack(ROOT / "content" / "xiangning")
    return generate(pack, tmp_path_factory.mktemp("county"), seed=16, children=2000).folder


@pytest.fixture(scope="module")
def asked(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for path in (folder / "register").glob("*.parquet"):
        connection.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
    connection.execute(f"CREATE VIEW roll AS FROM '{folder}/facts/children.parquet' WHERE year = 2025")
    connection.execute(f"CREATE VIEW deaths AS FROM '{folder}/facts/child_deaths.parquet' WHERE retracted IS NULL")
    for path in (folder / "register" / "lately" / "facts").glob("*.parquet"):
        connection.execute(f"CREATE VIEW lately_{path.stem} AS FROM '{path}'")
    return connection


def test_whoever_was_born_or_died_since_is_in_the_register_and_in_no_data_of_the_years_before(
    asked: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    born = asked.sql("SELECT count(*), max(birth_date) FROM children WHERE birth_date > DATE '2025-12-31'").fetchall()
    assert born[0][0] > 20
    assert date(2026, 10, 1) < born[0][1] <= date(2026, 11, 20)
    assert not asked.sql("FROM lately_live_births ANTI JOIN children USING (child_id)").fetchall()
    visits = asked.sql(
        "SELECT count(*) FROM lately_growth_checks g JOIN children c USING (child_id) "
        "WHERE c.birth_date > DATE '2025-12-31' AND g.check_date > c.birth_date"
    ).fetchall()
    assert visits[0][0] > 20
    for name in ("live_births", "child_deaths", "growth_checks", "children"):
        path = folder / "facts" / f"{name}.parquet"
        late = asked.sql(f"SELECT count(*) FROM '{path}' WHERE birth_date > DATE '2025-12-31'").fetchall()
        assert late == [(0,)], name


def test_who_dies_after_the_last_year_of_the_facts_was_alive_in_them_and_nobody_dies_twice() -> None:
    scenario = read_scenario(load_pack(ROOT / "content" / "xiangning"))
    pack, streams = load_pack(ROOT / "content" / "xiangning"), Streams(16)
    world = World(pack, scenario, places_of(pack, scenario), streams, 1.0)
    block = next(blocks(scenario, streams, world.places, None))
    later = lived_on(world, block)
    before, after = block.death < NEVER, later.death < NEVER
    assert (later.death[before] == block.death[before]).all()
    new = after & ~before
    assert 3 <= new.sum() <= 60
    assert (later.death[new] >= np.datetime64("2026-01-01")).all()
    assert (later.death[new] <= np.datetime64("2026-11-20")).all()
    assert (later.birth[new] <= later.death[new]).all()


def test_the_children_are_those_of_the_facts(asked: duckdb.DuckDBPyConnection) -> None:
    differing = asked.sql(
        "SELECT count(*) FROM roll f FULL JOIN (FROM children WHERE birth_date <= DATE '2025-12-31' "
        "AND (state <> 'died' OR left_date > DATE '2025-12-31')) c USING (child_id) "
        "WHERE f.child_id IS NULL OR c.child_id IS NULL OR f.sex <> c.sex OR f.birth_date <> c.birth_date"
    ).fetchall()
    assert differing == [(0,)]
    homes = asked.sql(
        "SELECT count(*) FROM roll f JOIN children c USING (child_id) "
        "JOIN stays s ON s.child = c.child AND s.kind = 'residence' AND s.to_date IS NULL "
        "WHERE left(s.area, 9) = f.area_code"
    ).fetchall()
    assert homes == asked.sql("SELECT count(*) FROM roll").fetchall()


def test_numbers_are_well_made_and_nobodys(asked: duckdb.DuckDBPyConnection) -> None:
    rows = asked.sql("SELECT number, birth_date, sex, certificate FROM children").fetchall()
    numbers = [n for n, *_ in rows if n]
    assert len(set(numbers)) == len(numbers) < len(rows)  # some children have no papers
    for number, birth, sex, certificate in rows:
        read = read_person_number(number)
        if read is not None:
            assert (read.birth, read.sex, number[:2]) == (birth, sex, DEMONSTRATION)
        if certificate:
            assert read_birth_certificate(certificate) is not None
    grown = asked.sql("SELECT number, phone FROM grown_ups").fetchall()
    assert all(read_person_number(n) is not None and n.startswith(DEMONSTRATION) for n, _ in grown)
    assert all(len(p) == 11 and p.startswith(PHONES) for _, p in grown)


def test_twins_and_siblings_share_a_mother_of_an_age_to_have_them(asked: duckdb.DuckDBPyConnection) -> None:
    shared = asked.sql(
        "SELECT a.birth_date = b.birth_date, count(*) FROM relations x JOIN relations y USING (grown_up, kind) "
        "JOIN children a ON a.child = x.child JOIN children b ON b.child = y.child "
        "WHERE kind = 'mother' AND a.child < b.child GROUP BY 1"
    ).fetchall()
    assert dict(shared)[True] >= 3
    assert dict(shared)[False] > 200
    ages = asked.sql(
        "SELECT min(age), max(age) FROM (SELECT year(c.birth_date) - substr(g.number, 7, 4)::INT AS age "
        "FROM relations r JOIN children c USING (child) JOIN grown_ups g USING (grown_up) WHERE r.kind = 'mother')"
    ).fetchall()[0]
    assert ages[0] >= 16
    assert ages[1] <= 52
    lonely = asked.sql("FROM children ANTI JOIN (FROM relations WHERE guardian) USING (child)").fetchall()
    assert not lonely
    states = {state for (state,) in asked.sql("SELECT DISTINCT state FROM children").fetchall()}
    assert states == {"here", "died", "moved_out"}


def test_the_register_is_read_only_beside_the_mark_of_made_up_data(folder: Path) -> None:
    assert not any(f.file == "register" for f in data_files(folder, ()).faults)
    mark = folder / "演示数据.txt"
    text = mark.read_text("utf-8")
    mark.unlink()
    try:
        assert any(f.file == "register" for f in data_files(folder, ()).faults)
    finally:
        mark.write_text(text, "utf-8")
