"""Every case that the packs carry (``tests/*.yaml``: rows in, values out), through reading and measuring.

A case names its indicator, gives rows of fact tables (``facts``), cells of returns (``returns``) and published values
(``series``), and lists what must come out (``expect``): area, year, breakdown codes if any, and value, numerator,
denominator, obs_status or reason. ``value: null`` means no value. Columns not written are empty; required ones get a
neutral filling (a case is about its indicator, not about the file).
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.collect.folder import collect
from qingmiao.content import load_pack
from qingmiao.content.kinds import KINDS
from qingmiao.content.pack import Pack
from qingmiao.measure.run import measure

CONTENT = Path(__file__).parents[2] / "content"
CASES = sorted(p for p in CONTENT.glob("*/tests/**/*.yaml") if p.parent.name not in KINDS)
"""A folder with the name of a kind of content holds that kind's own cases, tried by its own test."""
OUTCOMES = ("numerator", "denominator", "value", "obs_status", "origin", "reason", "definition_version")


@cache
def pack_of(folder: Path) -> Pack:
    return load_pack(folder)


@cache
def pack_for(layer: Path, areas: frozenset[str]) -> Pack:
    """The pack of the case's folder, or a pack that extends it and knows the case's areas."""
    packs = [
        pack_of(layer),
        *(p for f in sorted(CONTENT.glob("*/pack.toml")) if layer in (p := pack_of(f.parent)).layers),
    ]
    return next((p for p in packs if p.areas and all(_known(p, a) for a in areas)), packs[0])


def _known(pack: Pack, area: str) -> bool:
    return any(code == area or code.rstrip("0") == area.rstrip("0") for code in pack.areas)


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            writer.writerow([_cell(row.get(n)) for n in names])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filling(pack: Pack, table: str, number: int) -> dict[str, Any]:
    """A neutral value for each required column; keys differ from row to row."""
    fact = pack.facts[table]
    filling: dict[str, Any] = {}
    for name, column in fact.columns.items():
        if name in fact.key and column.type in ("text", "integer"):
            filling[name] = number
        elif column.required and column.codes is not None:
            filling[name] = pack.codes[column.codes].codes[0]
        elif column.required and column.type != "area":
            filling[name] = {"date": "2000-01-01", "boolean": False}.get(column.type, column.min or 0)
    return filling


def areas_in(case: dict[str, Any]) -> frozenset[str]:
    rows = [*case["expect"], *case.get("returns", []), *case.get("series", [])]
    return frozenset(str(r["area"]) for r in rows)


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.parent.name}/{p.stem}")
def test_case(path: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(path.read_text("utf-8"))
    layer = next(p for p in path.parents if (p / "pack.toml").is_file())
    pack = pack_for(layer, areas_in(case))
    for table, rows in case.get("facts", {}).items():
        filled = [{**_filling(pack, table, number), **row} for number, row in enumerate(rows, 1)]
        write_csv(tmp_path / "facts" / f"{table}.csv", filled)
    if case.get("returns"):
        write_csv(tmp_path / "returns" / "case.csv", case["returns"])
    if case.get("series"):
        defaults = dict.fromkeys(("indicator", "area", "year", "value", "numerator", "denominator", "source", "note"))
        write_csv(tmp_path / "series.csv", [{**defaults, **r} for r in case["series"]])

    collected = collect(pack, tmp_path)
    values = measure(pack, collected.tables, indicators=[case["indicator"]]).values

    for expected in case["expect"]:
        found = [r for r in values.to_pylist() if _matches(r, expected, case["indicator"], values.column_names)]
        if not found and "value" in expected and expected["value"] is None:
            continue
        assert found, f"{path.name}: no row for {expected}"
        for name in OUTCOMES:
            if name in expected:
                want = expected[name]
                want = pytest.approx(want, rel=1e-12) if isinstance(want, int | float) else want
                assert found[0][name] == want, f"{path.name}: {expected} gives {found[0]}"


def _matches(row: dict[str, Any], expected: dict[str, Any], indicator: str, names: list[str]) -> bool:
    fixed = {"indicator", "area", "year", *OUTCOMES}
    groups = {n: expected.get(n) for n in {*names, *expected} - fixed}
    area = str(expected["area"])
    return (
        row["indicator"] == indicator
        and row["year"] == expected["year"]
        and row["area"].rstrip("0") == area.rstrip("0")
        and all(row.get(n) == (None if c is None else str(c)) for n, c in groups.items())
    )


def test_there_are_cases() -> None:
    assert len(CASES) > 20
