"""Silent areas, years that nobody reported, and the order of derived columns in big tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.derive import add_derived
from qingmiao.collect.folder import _status
from qingmiao.collect.gaps import MANY, silent_areas
from qingmiao.collect.returns import ReturnCell
from qingmiao.content import Pack, load_pack
from qingmiao.content.facts import Fact

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def county() -> Pack:
    return load_pack(ROOT / "content" / "xiangning")


def rows(counts: dict[tuple[str, int], int]) -> pa.Table:
    areas = [a for (a, _), n in counts.items() for _ in range(n)]
    days = [date(y, 5, 1) for (_, y), n in counts.items() for _ in range(n)]
    return pa.table({"birth_date": pa.array(days, pa.date32()), "_area_township": areas})


FACT = Fact.model_validate(
    {
        "id": "births", "label": {"zh": "出生"}, "grain": "event", "key": ["id"], "area": "place", "date": "birth_date",
        "columns": {"id": {"type": "text", "label": {"zh": "号"}}, "place": {"type": "area", "label": {"zh": "地区"}},
            "birth_date": {"type": "date", "label": {"zh": "日期"}}},
    }
)  # fmt: skip
FIRST, SECOND = "141029100", "141029200"


def told(county: Pack, counts: dict[tuple[str, int], int]) -> list[str]:
    return [f.message for f in silent_areas(county, FACT, rows(counts))]


def test_an_area_without_rows_between_two_full_years_is_told(county: Pack) -> None:
    full = {(a, y): MANY for a in (FIRST, SECOND) for y in (2021, 2022, 2023)}
    del full[SECOND, 2022]
    (message,) = told(county, full)
    assert "2022 年" in message
    assert "双鹤乡（相邻年份有 20 行）" in message
    assert "昌宁镇" not in message


@pytest.mark.parametrize("n", [0, 1, MANY - 1])
def test_few_rows_may_well_be_none(county: Pack, n: int) -> None:
    assert (
        told(
            county,
            {
                (FIRST, 2021): MANY,
                (FIRST, 2022): MANY,
                (FIRST, 2023): MANY,
                (SECOND, 2021): n,
                (SECOND, 2023): n,
            },
        )
        == []
    )


def test_the_first_and_last_year_may_be_partly_collected(county: Pack) -> None:
    assert told(county, {(FIRST, 2021): MANY, (FIRST, 2022): MANY, (FIRST, 2023): MANY, (SECOND, 2022): MANY}) == []


def test_a_year_that_nobody_reported_is_missing_up_to_the_newest_of_any_return(county: Pack) -> None:
    def cell(return_id: str, year: int) -> ReturnCell:
        place = ("141029", "01", "1")
        return ReturnCell(return_id, year, *place, 1, "", "f.csv", 2, "", 1, "2020-01-01")  # type: ignore[arg-type]

    status = _status(county, [cell("H103", 2019), cell("H103", 2021), cell("C801", 2022)], AreaColumns(county))
    assert [(s.return_id, s.year, s.state) for s in status if s.return_id == "H103"] == [
        ("H103", 2019, "reported"), ("H103", 2020, "missing"), ("H103", 2021, "reported"), ("H103", 2022, "missing"),
    ]  # fmt: skip
    assert [(s.year, s.state) for s in status if s.return_id == "C801"] == [(2022, "reported")]


def test_derived_columns_keep_the_order_of_rows_in_tables_of_many_batches(county: Pack) -> None:
    fact = FACT.model_copy(update={"columns": FACT.columns, "derived": Fact.model_validate(
        FACT.model_dump(mode="json") | {"derived": {"number_twice": {"type": "integer", "label": {"zh": "两倍"},
            "expr": "n * 2"}},
        "columns": FACT.model_dump(mode="json")["columns"] | {"n": {"type": "integer",
            "label": {"zh": "数"}}}}).derived})  # fmt: skip
    size = 400_000
    table = pa.table(
        {
            "id": pa.array(range(size), pa.int64()).cast(pa.string()),
            "place": ["141029100"] * size,
            "n": pa.array(range(size), pa.int64()),
            "birth_date": pa.array([date(2024, 1, 1)] * size),
        }
    )
    done = add_derived(fact, table, AreaColumns(county))
    assert done["number_twice"].cast(pa.int64()).to_pylist() == [2 * i for i in range(size)]
