"""The made-up register: the children of the facts, with nobody's numbers and phones, in whole households."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from qingmiao.collect.data_files import data_files
from qingmiao.content import load_pack
from qingmiao.demo import generate
from qingmiao.demo.register.numbers import PHONES
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
    return connection


def test_the_children_are_those_of_the_facts(asked: duckdb.DuckDBPyConnection) -> None:
    differing = asked.sql(
        "SELECT count(*) FROM roll f FULL JOIN (FROM children WHERE state <> 'died') c USING (child_id) "
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
