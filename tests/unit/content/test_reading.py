"""Who reads a table or a return: directly, as a denominator of another source, and over combinations of
combinations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from qingmiao.content.facts import Fact
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.reading import made_of, readers, years_on
from qingmiao.standards import derivations

WITHOUT = {"label": {"zh": "虚构"}, "unit": "%", "better": "none", "period": "calendar_year", "lead": "office"}
GAP = {"op": "difference", "by": "sex", "first": "m", "second": "f"}
INDICATORS: dict[str, dict[str, object]] = {
    "gap_of_gap": {"combine": {**GAP, "of": "gap"}},
    "gap": {"combine": {"op": "spread", "by": "sex", "of": "plain"}},
    "plain": {"from": "visits", "numerator": {"count": "*"}},
    "over_births": {"from": "visits", "numerator": {"count": "*"}, "denominator": {"from": "births", "count": "*"}},
    "of_a_return": {"from": "return:H1", "numerator": {"cells": ["01.1"]}, "denominator": {"cells": ["01.2"]}},
    "both_sides_elsewhere": {
        "from": "unread", "numerator": {"from": "births", "count": "*"},
        "denominator": {"from": "return:H1", "cells": ["01.2"]},
    },
    "published": {"from": "series"},
    "once_other": {
        "definitions": [
            {"version": 1, "last_year": 2020, "from": "old_visits", "numerator": {"count": "*"}},
            {"version": 2, "first_year": 2021, "from": "births", "numerator": {"count": "*"}},
        ]
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def pack() -> Pack:
    made = [
        Indicator.model_validate({"id": id_, "source": {"document": "虚构"}, **WITHOUT, **body})
        for id_, body in INDICATORS.items()
    ]
    return Pack("made", "虚构", "1", Path("made"), (), None, indicators={i.id: i for i in made})


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["visits"], ("gap_of_gap", "gap", "plain", "over_births")),
        (["births"], ("over_births", "both_sides_elsewhere", "once_other")),
        (["return:H1"], ("of_a_return", "both_sides_elsewhere")),
        (["old_visits"], ("once_other",)),
        (["unread"], ()),
        (["H1"], ()),
        ([], ()),
        (["old_visits", "return:H1"], ("of_a_return", "both_sides_elsewhere", "once_other")),
        (["series"], tuple(INDICATORS)),
    ],
)
def test_who_reads(pack: Pack, sources: list[str], expected: tuple[str, ...]) -> None:
    assert readers(pack, sources) == expected


def test_what_is_made_of_an_indicator_comes_with_it(pack: Pack) -> None:
    assert made_of(pack, ["gap"]) == ("gap_of_gap", "gap")
    assert made_of(pack, ["published", "no_such"]) == ("published",)


def fact(**derived: Mapping[str, object]) -> Fact:
    columns = {n: {"type": "text", "label": {"zh": n}} for n in ("child", "state")} | {
        "area": {"type": "area", "label": {"zh": "地区"}}, "on": {"type": "date", "label": {"zh": "日期"}},
        "left": {"type": "number", "label": {"zh": "左眼"}},
    }  # fmt: skip
    labelled = {n: {"type": "text", "label": {"zh": n}, **d} for n, d in derived.items()}
    keys = {"id": "eyes", "label": {"zh": "视力"}, "grain": "event", "key": ["child"], "area": "area", "date": "on"}
    return Fact.model_validate({**keys, "columns": columns, "derived": labelled})


def before(column: str) -> dict[str, object]:
    return {"previous": {"of": column, "per": "child", "period": "school_year"}}


@pytest.mark.parametrize(
    ("derived", "years"),
    [
        ({}, 0),
        ({"upper": {"expr": "state"}}, 0),
        ({"last": before("state")}, 1),
        ({"last": before("state"), "new": {"expr": "coalesce(last, state)"}, "older": before("new")}, 2),
        ({"last": before("left"), "band": {"bands": {"of": "last", "edges": [0, 4, 5], "labels": ["a", "b"]}}}, 1),
        ({"last": before("left"), "broken": {"expr": "last +"}}, 1),
    ],
)
def test_how_many_later_years_a_row_is_read(derived: dict[str, dict[str, object]], years: int) -> None:
    assert years_on(fact(**derived)) == years


def test_a_norm_reads_a_column_under_its_own_name_or_the_one_given() -> None:
    name, derivation = next((n, d) for n, d in derivations().items() if d.inputs)
    wanted = next(iter(derivation.inputs))
    scored = {"scored": {"norm": name, "output": "x", "inputs": {}}}
    columns: dict[str, Mapping[str, object]] = {wanted: before("state"), "grade": scored, "older": before("grade")}
    own = fact(**columns)
    assert years_on(own) == 2
    given = {"scored": {"norm": name, "output": "x", "inputs": {wanted: "last"}}}
    assert years_on(fact(last=before("state"), grade=given, older=before("grade"))) == 2
