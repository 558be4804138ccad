"""Drawn tables: a county of three towns A, B, C whose facts are written as they would be on paper (演示数据)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from qingmiao.content.areas import AreaItem
from qingmiao.content.facts import Fact
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.returns import Return
from qingmiao.kernel.areas import AreaLevel
from qingmiao.measure.engine import Runner
from qingmiao.measure.result import Measured
from qingmiao.measure.run import measure
from qingmiao.measure.versions import current_rows

COUNTY = "990101"
TOWNS = {"A": "990101001", "B": "990101002", "C": "990101003"}
PLACES = {"county": COUNTY, **TOWNS}
COLUMN_TYPES = {
    "date": "date", "birth": "date", "year": "integer", "version": "integer", "weight": "number", "amount": "number",
    "pupils": "integer", "grade": "integer", "retracted": "boolean", "vaccinated": "boolean", "town": "area",
}  # fmt: skip
"""Types of columns by name; any other column is text. `town` is A, B or C; the first column is the key."""
ARROW = {"date": pa.date32(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}


def read_drawn(text: str) -> list[dict[str, Any]]:
    """Rows of a drawn table; an empty cell is missing."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [{n: _typed(n, c) for n, c in zip(lines[0], line, strict=True)} for line in lines[1:]]


def _typed(name: str, cell: str) -> Any:
    if cell == "":
        return None
    kind = COLUMN_TYPES.get(name, "text")
    if kind == "date":
        return date.fromisoformat(cell)
    if kind == "area":
        return TOWNS[cell]
    return {"integer": int, "number": float, "boolean": lambda c: c == "yes", "text": str}[kind](cell)


class County:
    """A county in the making: give it facts, returns, series and indicators, then ask for values."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.facts: dict[str, Fact] = {}
        self.returns: dict[str, Return] = {}
        self.tables: dict[str, pa.Table] = {}
        self.indicators: dict[str, Indicator] = {}

    def fact(self, name: str, drawn: str, *, as_of: int | None = None) -> None:
        """A fact table; its columns are those drawn, corrections are resolved as collecting does."""
        names = [n.strip() for n in drawn.strip().splitlines()[0].split("|")]
        columns = {n: {"type": COLUMN_TYPES.get(n, "text"), "label": {"zh": n}} for n in names}
        keys: dict[str, Any] = {
            "key": [names[0]],
            "area": "town",
            "date": "date" if "date" in names else None,
        }
        keys["year"] = "year" if "date" not in names else None
        keys |= {n: n for n in ("version", "retracted") if n in names}
        self.facts[name] = Fact.model_validate(
            {"id": name, "label": {"zh": name}, "grain": "event", "columns": columns, **keys}
        )
        rows = read_drawn(drawn)
        fields = [(n, ARROW.get(columns[n]["type"], pa.string())) for n in names]
        schema = pa.schema([*fields, ("_area_county", pa.string()), ("_area_township", pa.string()),
                            ("_file", pa.string()), ("_row", pa.int64())])  # fmt: skip
        more = {"_area_county": COUNTY, "_file": f"facts/{name}.csv"}
        full = [{**r, **more, "_area_township": r["town"], "_row": i + 2} for i, r in enumerate(rows)]
        table = pa.Table.from_pylist(full, schema=schema)
        self.tables[name] = current_rows(table, self.facts[name], as_of)

    def no_table(self, name: str, columns: list[str]) -> None:
        """A fact table that the pack knows and nobody has handed in."""
        self.fact(name, "|".join(columns) + "\n")
        del self.tables[name]

    def table(self, name: str, level: str, drawn: str) -> None:
        """A return: columns place, year and cells (row.column)."""
        header, *lines = [[c.strip() for c in line.split("|")] for line in drawn.strip().splitlines()]
        codes = [h.split(".") for h in header[2:]]
        line = [{"code": c, "label": {"zh": c}} for c in dict.fromkeys(r for r, _ in codes)]
        column = [{"code": c, "label": {"zh": c}} for c in dict.fromkeys(c for _, c in codes)]
        self.returns[name] = Return.model_validate({
            "id": name, "form_no": name, "label": {"zh": name}, "issued_by": "演示", "period": "calendar_year",
            "level": level,
            "reporter": "x", "due": {"days": 30}, "rows": line, "columns": column, "source": {"document": "演示"},
        })  # fmt: skip
        rows = [
            {"return": name, "period": int(year), "area": PLACES[place], "row": r, "column": c,
             "value": float(cell) if cell else None, "reason": None, "_file": "returns.csv", "_row": i + 2}
            for i, (place, year, *cells) in enumerate(lines)
            for (r, c), cell in zip(codes, cells, strict=True)
        ]  # fmt: skip
        schema = pa.schema([("return", pa.string()), ("period", pa.int32()), ("area", pa.string()),
            ("row", pa.string()),
                            ("column", pa.string()), ("value", pa.float64()), ("reason", pa.string()),
                            ("_file", pa.string()), ("_row", pa.int64())])  # fmt: skip
        self.tables["return_cells"] = pa.Table.from_pylist(rows, schema=schema)

    def series(self, drawn: str) -> None:
        """Published values: indicator, place, year, value, numerator, denominator; any further column is a group."""
        header, *lines = [[c.strip() for c in line.split("|")] for line in drawn.strip().splitlines()]
        numbers = ("value", "numerator", "denominator")
        groups = [n for n in header if n not in ("indicator", "place", "year", *numbers)]
        rows = []
        for line in lines:
            row: dict[str, Any] = dict(zip(header, line, strict=True))
            rows.append({"indicator": row["indicator"], "area": PLACES[row["place"]], "year": int(row["year"]),
                         **{n: float(row[n]) if row.get(n) else None for n in numbers},
                         **{n: row[n] or None for n in groups}})  # fmt: skip
        schema = pa.schema([("indicator", pa.string()), ("area", pa.string()), ("year", pa.int32()),
            ("value", pa.float64()),
                            ("numerator", pa.float64()), ("denominator", pa.float64()),
                            *((n, pa.string()) for n in groups)])  # fmt: skip
        self.tables["series"] = pa.Table.from_pylist(rows, schema=schema)

    def indicator(self, id_: str, **keys: Any) -> None:
        """An indicator; what is not written is: a share in per cent, by calendar year, for county and towns."""
        given = {"label": {"zh": id_}, "unit": "%", "better": "lower", "lead": "x", "source": {"document": "演示"},
                 "period": "calendar_year", **{k.rstrip("_"): v for k, v in keys.items()}}  # fmt: skip
        self.indicators[id_] = Indicator.model_validate({"id": id_, **given})

    @property
    def pack(self) -> Pack:
        """The pack as it stands."""
        areas = {COUNTY: AreaItem(code=COUNTY, name="演示县", level=AreaLevel.COUNTY)}
        for name, code in TOWNS.items():
            areas[code] = AreaItem(code=code, name=f"{name}镇", level=AreaLevel.TOWNSHIP, parent=COUNTY)
        return Pack(id="demo", title="演示", version="1", root=Path("."), layers=(), plan=None, areas=areas,
                    facts=self.facts, returns=self.returns, indicators=self.indicators)  # fmt: skip

    def measure(self, **keys: Any) -> Values:
        """Measure everything that was given."""
        return Values(measure(self.pack, self.tables, runner=self.runner, **keys))


class Values:
    """Ask for one value: ``values.of("share", "A", 2024, sex="m")``; for its numbers, its status, why it is missing."""

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self.rows = measured.values.to_pylist()
        fixed = {"indicator", "area", "year", "numerator", "denominator", "value", "obs_status", "origin", "reason",
                 "definition_version"}  # fmt: skip
        self.dims = [n for n in measured.values.column_names if n not in fixed]

    def row(self, indicator: str, place: str, year: int, **dims: str) -> dict[str, Any] | None:
        wanted = {
            "indicator": indicator,
            "area": PLACES[place],
            "year": year,
            **{d: dims.get(d) for d in self.dims},
        }
        found = [r for r in self.rows if all(r[k] == v for k, v in wanted.items())]
        assert len(found) < 2, "one row per group"
        return found[0] if found else None

    def of(self, indicator: str, place: str, year: int, **dims: str) -> float | None:
        row = self.row(indicator, place, year, **dims)
        assert row is not None, "no row for this group at all"
        assert (row["value"] is None) == (row["obs_status"] != "A") == (row["reason"] != "")
        return row["value"]

    def why(self, indicator: str, place: str, year: int, **dims: str) -> str:
        row = self.row(indicator, place, year, **dims)
        assert row is not None
        return f"{row['obs_status']} {row['reason']}"
