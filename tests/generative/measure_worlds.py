"""Made-up packs and data for comparing the engine with the oracle (演示数据; nobody in them exists)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from qingmiao.content.areas import AreaItem
from qingmiao.content.facts import Fact
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.returns import Return
from qingmiao.kernel.areas import AreaLevel

COUNTY, TOWNS = "990101", ["990101001", "990101002", "990101003"]
AREAS = {
    COUNTY: AreaItem(code=COUNTY, name="演示县", level=AreaLevel.COUNTY),
    **{c: AreaItem(code=c, name=f"演示镇{c[-1]}", level=AreaLevel.TOWNSHIP, parent=COUNTY) for c in TOWNS},
}
TYPES: dict[str, Any] = {
    "text": pa.string(), "code": pa.string(), "area": pa.string(), "integer": pa.int64(), "number": pa.float64(),
    "boolean": pa.bool_(), "date": pa.date32(),
}  # fmt: skip
FACTS = {
    "checks": {
        "key": "check_id", "when": {"date": "day"},
        "columns": {"check_id": "text", "child_id": "text", "area": "area", "day": "date", "birth": "date",
            "sex": "text",
                    "grade": "integer", "flag": "boolean", "score": "integer", "weight": "number"},
    },
    "deaths": {
        "key": "death_id", "when": {"date": "day"},
        "columns": {"death_id": "text", "area": "area", "day": "date", "birth": "date", "sex": "text",
            "grade": "integer",
                    "flag": "boolean", "score": "integer"},
    },
    "staff": {
        "key": "school", "when": {"year": "yr"},
        "columns": {"school": "text", "area": "area", "yr": "integer", "sex": "text", "flag": "boolean",
            "score": "integer",
                    "weight": "number"},
    },
}  # fmt: skip
BOUNDARIES = [
    date(y, m, d)
    for y in (2019, 2020, 2021)
    for m, d in ((1, 1), (2, 28), (3, 1), (8, 31), (9, 1), (9, 30), (10, 1), (12, 31))
] + [date(2020, 2, 29)]
days = st.one_of(st.sampled_from(BOUNDARIES), st.integers(0, 900).map(lambda n: date(2019, 1, 1) + timedelta(n)))
numbers = st.integers(-5000, 5000).map(lambda n: n / 1000)


def fact(name: str) -> Fact:
    given = FACTS[name]
    columns = {n: {"type": t, "label": {"zh": n}} for n, t in given["columns"].items()}
    columns |= {
        "version": {"type": "integer", "label": {"zh": "版本"}},
        "gone": {"type": "boolean", "label": {"zh": "撤回"}},
    }
    keys = {"key": [given["key"]], "area": "area", "version": "version", "retracted": "gone", **given["when"]}
    return Fact.model_validate({"id": name, "label": {"zh": name}, "grain": "child", "columns": columns, **keys})


_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.sampled_from(["a", "b", "丙"]), "integer": st.integers(-3, 6), "number": numbers,
    "boolean": st.booleans(),
    "date": days,
}  # fmt: skip


@st.composite
def rows(draw: st.DrawFn, name: str) -> pa.Table:
    """Rows with missing values, boundary dates, repeated keys with versions, retractions."""
    columns = FACTS[name]["columns"]
    found: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, 14))):
        row = {n: draw(st.none() | _VALUES[t]) for n, t in columns.items() if t != "area"}
        row[FACTS[name]["key"]] = draw(st.sampled_from(["k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"]))
        if "yr" in row:
            row["yr"] = draw(st.sampled_from([None, 2019, 2020, 2021]))
        row["area"] = draw(st.sampled_from([*TOWNS, COUNTY]))
        row["version"], row["gone"] = (
            draw(st.integers(1, 3)),
            draw(st.sampled_from([None, False, False, True])),
        )
        row["_area_county"] = COUNTY
        row["_area_township"] = row["area"] if row["area"] != COUNTY else None
        found.append(row)
    types = {**{n: TYPES[t] for n, t in columns.items()}, "version": pa.int64(), "gone": pa.bool_()}
    types |= {"_area_county": pa.string(), "_area_township": pa.string()}
    return pa.Table.from_pylist(found, schema=pa.schema(list(types.items())))


def _numbers(columns: dict[str, str]) -> st.SearchStrategy[str]:
    names = [n for n, t in columns.items() if t in ("integer", "number")]
    dates = [n for n, t in columns.items() if t == "date"]
    base = [
        st.sampled_from(names),
        st.integers(0, 9).map(str),
        st.sampled_from(["0.5", "1.25", "2.5", "0.001"]),
    ]
    if len(dates) == 2:
        base.append(st.sampled_from(["age_days", "age_months", "age_years"]).map(lambda f: f"{f}(birth, day)"))
        base.append(st.sampled_from(["year_of(day)", "month_of(birth)", "age_years(birth, date '2020-02-29')"]))
    return st.recursive(
        st.one_of(base),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda x: f"({x[0]} {x[1]} {x[2]})"),
            st.tuples(st.sampled_from(["coalesce", "least", "greatest"]), inner, inner).map(
                lambda x: f"{x[0]}({x[1]}, {x[2]})"
            ),
            inner.map(lambda x: f"abs({x})"),
            inner.map(lambda x: f"(- {x})"),
            st.tuples(inner, inner).map(lambda x: f"case when {x[0]} > {x[1]} then {x[0]} else null end"),
        ),
        max_leaves=3,
    )


def conditions(columns: dict[str, str]) -> st.SearchStrategy[str]:
    """Conditions over a fact's columns."""
    number = _numbers(columns)
    base = [
        st.tuples(number, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), number).map(
            lambda x: f"{x[0]} {x[1]} {x[2]}"
        ),
        st.sampled_from(
            ["flag", "sex in ('a', '丙')", "sex <> 'b'", "score is null", "flag = false", "sex is not null"]
        ),
        st.tuples(number, number, number).map(lambda x: f"{x[0]} between {x[1]} and {x[2]}"),
    ]
    return st.recursive(
        st.one_of(base),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda x: f"({x[0]} {x[1]} {x[2]})"),
            inner.map(lambda x: f"not ({x})"),
        ),
        max_leaves=3,
    )


FORM = {
    "id": "F1", "form_no": "F1", "label": {"zh": "演示表"}, "issued_by": "演示", "period": "calendar_year", "reporter": "x",
    "due": {"days": 1}, "rows": [{"code": "1", "label": {"zh": "a"}}, {"code": "2", "label": {"zh": "b"}}],
    "columns": [{"code": "1", "label": {"zh": "a"}}], "source": {"document": "演示"},
}  # fmt: skip


@st.composite
def cells(draw: st.DrawFn, level: str) -> pa.Table:
    """Accepted return cells: some areas and cells missing."""
    found = []
    for area in [COUNTY] if level == "county" else TOWNS:
        for year in (2019, 2020, 2021):
            for row in "12":
                if draw(st.integers(0, 4)):
                    value = draw(st.one_of(st.none(), st.integers(0, 9).map(float), numbers))
                    found.append(
                        {
                            "return": "F1",
                            "period": year,
                            "area": area,
                            "row": row,
                            "column": "1",
                            "value": value,
                        }
                    )
    schema = [("return", pa.string()), ("period", pa.int32()), ("area", pa.string()), ("row", pa.string()),
              ("column", pa.string()), ("value", pa.float64())]  # fmt: skip
    return pa.Table.from_pylist(found, schema=pa.schema(schema))


@st.composite
def series(draw: st.DrawFn, ids: list[str]) -> pa.Table:
    """Published values for some indicators, areas and years, some only as numerator and denominator."""
    found: dict[Any, Any] = {}
    for _ in range(draw(st.integers(0, 6))):
        row: dict[str, Any] = {
            "indicator": draw(st.sampled_from(ids)),
            "area": draw(st.sampled_from([COUNTY, *TOWNS, "CN"])),
        }
        row["year"] = draw(st.sampled_from([2018, 2019, 2020, 2021]))
        row |= {c: draw(st.none() | st.integers(0, 50).map(float)) for c in ("value", "numerator", "denominator")}
        found[row["indicator"], row["area"], row["year"]] = row
    schema = [("indicator", pa.string()), ("area", pa.string()), ("year", pa.int32()), ("value", pa.float64()),
              ("numerator", pa.float64()), ("denominator", pa.float64())]  # fmt: skip
    return pa.Table.from_pylist(list(found.values()), schema=pa.schema(schema))


@st.composite
def aggregate(draw: st.DrawFn, source: str) -> dict[str, Any]:
    if source.startswith("return:"):
        return {
            "from": source,
            "cells": draw(st.sampled_from([["1.1"], ["1.1", "2.1"], ["1.1", "-2.1"], ["2.1", "2.1"]])),
        }
    columns = FACTS[source]["columns"]
    what = draw(st.sampled_from(["all", "column", "distinct", "sum"]))
    found: dict[str, Any] = {"from": source}
    if what == "all":
        found["count"] = "*"
    elif what == "sum":
        found["sum"] = draw(_numbers(columns))
    else:
        found["count" if what == "column" else "distinct"] = draw(st.sampled_from(sorted(columns)))
    if draw(st.booleans()):
        found["where"] = draw(conditions(columns))
    return found


@st.composite
def definition(draw: st.DrawFn, sources: list[str]) -> dict[str, Any]:
    main = draw(st.sampled_from(sources))
    other = draw(st.sampled_from([main, main, *sources]))
    found: dict[str, Any] = {"from": main, "numerator": draw(aggregate(draw(st.sampled_from([main, other]))))}
    if draw(st.integers(0, 3)):
        found["denominator"] = draw(aggregate(main))
    if main == "checks" and draw(st.booleans()):
        found["latest"] = {"per": "child_id", "order": draw(st.sampled_from(["day", "score"]))}
        if draw(st.booleans()):
            found["latest"]["where"] = draw(conditions(FACTS["checks"]["columns"]))
    return found


KINDS = ["calendar_year", "school_year", "mch_year", "year_end"]


@st.composite
def indicator(draw: st.DrawFn, id_: str, sources: list[str]) -> Indicator:
    keys: dict[str, Any] = {
        "id": id_, "label": {"zh": id_}, "unit": draw(st.sampled_from(["%", "‰", "人"])), "better": "lower", "lead": "x",
        "source": {"document": "演示"}, "period": draw(st.sampled_from(KINDS)),
        "levels": draw(st.sampled_from([["county"], ["county", "township"], ["township"]])),
        "by": draw(st.lists(st.sampled_from(["sex", "flag", ["sex", "flag"], ["score", "sex"]]), max_size=2,
            unique_by=str)),
    }  # fmt: skip
    if draw(st.booleans()):
        first = {**draw(definition(sources)), "version": 1, "last_year": 2019}
        keys["definitions"] = [first, {**draw(definition(sources)), "version": 2, "first_year": 2020}]
    else:
        keys["definitions"] = [draw(definition(sources))]
    return Indicator.model_validate(keys)


@st.composite
def combined(draw: st.DrawFn, id_: str, of: str) -> Indicator:
    op = draw(st.sampled_from(["difference", "spread", "minimum", "maximum"]))
    combine: dict[str, Any] = {"op": op, "of": of}
    if op == "difference":
        combine |= {"by": "sex", "first": "a", "second": "b"}
    elif draw(st.booleans()):
        combine |= {"by": draw(st.sampled_from(["sex", "flag"]))}
    else:
        combine |= {"by_level": "township"}
    keys = {
        "id": id_, "label": {"zh": id_}, "unit": "百分点", "better": "lower", "lead": "x", "source": {"document": "演示"},
        "period": "calendar_year", "combine": combine,
        "levels": draw(st.sampled_from([["county"], ["county", "township"]])),
    }  # fmt: skip
    return Indicator.model_validate(keys)


@dataclass(frozen=True, repr=False)
class World:
    """A pack and its tables before corrections are resolved; prints short when a test fails."""

    pack: Pack
    tables: dict[str, pa.Table]

    def __repr__(self) -> str:
        parts = [
            i.model_dump_json(by_alias=True, exclude_none=True, exclude_defaults=True)
            for i in self.pack.indicators.values()
        ]
        return "\n".join([*parts, *(f"{n}: {t.to_pylist()}" for n, t in self.tables.items())])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A pack with one to four indicators and its tables before corrections are resolved."""
    level = draw(st.sampled_from(["county", "township"]))
    sources = [*FACTS, "return:F1"]
    ids = [f"i{n}" for n in range(draw(st.integers(1, 3)))]
    indicators = [draw(indicator(i, sources)) for i in ids]
    if draw(st.booleans()):
        indicators.append(draw(combined("z", draw(st.sampled_from(ids)))))
    if draw(st.booleans()):
        keys = {"id": "s", "from": "series", "label": {"zh": "s"}, "unit": "%", "better": "lower", "lead": "x",
                "source": {"document": "演示"}, "period": "calendar_year"}  # fmt: skip
        indicators.append(Indicator.model_validate(keys))
    pack = Pack(
        id="demo", title="演示", version="1", root=Path("."), layers=(), plan=None, areas=AREAS,
        facts={n: fact(n) for n in FACTS}, indicators={i.id: i for i in indicators},
        returns={"F1": Return.model_validate({**FORM, "level": level})},
    )  # fmt: skip
    tables = {n: draw(rows(n)) for n in FACTS if draw(st.integers(0, 4))}
    if draw(st.integers(0, 3)):
        tables["return_cells"] = draw(cells(level))
    if draw(st.booleans()):
        tables["series"] = draw(series([i.id for i in indicators]))
    return World(pack, tables)
