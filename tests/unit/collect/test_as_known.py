"""An earlier day: what was recorded, corrected, taken back or submitted later is not known yet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qingmiao.collect import collect
from qingmiao.collect.as_known import as_known
from qingmiao.content import Pack, load_pack
from qingmiao.measure.run import measure

DATED = """\
version: recorded_at
retracted: retracted
columns:
  recorded_at: {type: date, label: {zh: 登记日期}, required: true}
  retracted: {type: boolean, label: {zh: 撤销}}
"""
HEADER = "child_id,area_code,sex,dose,due_date,given_date,recorded_at,retracted\n"
ROWS = (
    "A1,990001101,M,MMR1,2024-03-01,2024-03-05,2024-03-06,\n"  # given on time, recorded at once
    "A2,990001101,F,MMR1,2024-04-01,,2024-04-02,\n"  # not given …
    "A2,990001101,F,MMR1,2024-04-01,2024-04-02,2024-06-10,\n"  # … says June it was
    "B1,990001201,M,MMR1,2024-05-01,2024-05-20,2024-05-21,\n"  # a row of somebody else's …
    "B1,990001201,M,MMR1,2024-05-01,2024-05-20,2024-07-01,true\n"  # … taken back in July
)


@pytest.fixture
def dated(root: Path, data: Path) -> Pack:
    fact = root / "facts" / "vaccinations.yaml"
    fact.write_text(fact.read_text("utf-8").replace("columns:\n", DATED), "utf-8")
    (data / "facts" / "vaccinations.csv").write_text(HEADER + ROWS, "utf-8")
    cells = data / "returns" / "mch01.csv"
    head, *rows = cells.read_text("utf-8").splitlines()
    days = {"2023": "2024-01-20", "2024": "2025-01-20"}
    told = [f"{head},submitted_date", *(f"{r},{days[r.split(',')[1]]}" for r in rows)]
    cells.write_text("\n".join(told) + "\n", "utf-8")
    return load_pack(root)


@pytest.mark.parametrize(
    ("day", "counted"),
    [
        ("2024-03-05", None),
        ("2024-03-06", (1, 1)),
        ("2024-05-21", (2, 3)),
        ("2024-06-10", (3, 3)),
        ("2024-06-30", (3, 3)),
        ("2024-07-01", (2, 2)),
    ],
)
def test_facts_say_what_they_said_on_the_day(
    dated: Pack, data: Path, day: str, counted: tuple[int, int] | None
) -> None:
    known = as_known(dated, collect(dated, data), date.fromisoformat(day))
    values = measure(dated, known.tables, indicators=["health.vaccination"]).values.to_pylist()
    found = [(v["numerator"], v["denominator"]) for v in values if v["area"] == "990001" and v["sex"] is None]
    assert [f for f in found if f[1]] == ([] if counted is None else [counted])


def test_the_newest_day_is_what_is_in_force(dated: Pack, data: Path) -> None:
    collected = collect(dated, data)
    known = as_known(dated, collected, date(2030, 1, 1))
    assert set(known.tables) == set(collected.tables)
    for name, table in collected.tables.items():
        assert known.tables[name].select(table.column_names).equals(table), name


@pytest.mark.parametrize(("day", "years"), [("2024-01-19", []), ("2024-01-20", [2023]), ("2025-01-20", [2023, 2024])])
def test_returns_are_known_from_the_day_of_their_submission(
    dated: Pack, data: Path, day: str, years: list[int]
) -> None:
    known = as_known(dated, collect(dated, data), date.fromisoformat(day))
    assert sorted(set(known.tables["return_cells"]["period"].to_pylist())) == years


def test_what_bears_no_day_is_named(pack: Pack, data: Path) -> None:
    known = as_known(pack, collect(pack, data), date(2024, 1, 1))
    assert "vaccinations" in known.undated
    assert known.tables["vaccinations"].num_rows == 4
