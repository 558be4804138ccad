"""What tells entries apart; which may be the same; what expires when."""

from __future__ import annotations

from datetime import date

import pytest

from qingmiao.content.registers import RegisterKind
from qingmiao.registers.expiring import expiries
from qingmiao.registers.keys import credit_code_fault, unique_key
from qingmiao.registers.likely import Neighbour, distance, likely_same
from qingmiao.registers.yearly import counting_day, year_of

KIND = RegisterKind.model_validate(
    {
        "id": "rooms", "version": 1, "label": {"zh": "母婴室"}, "of": "site", "keeper": "health", "kept_by": ["liaison"],
        "source": {"evidence": "local"}, "unique": [["credit_code"], ["name", "area"]], "near": 200,
        "expires": [{"field": "opened_on", "warn": [60], "source": {"evidence": "local"}}],
    }
)  # fmt: skip


def test_the_first_rule_that_is_answered_tells_entries_apart() -> None:
    assert unique_key(KIND, {"credit_code": " ９1 ", "name": "甲"}) == "credit_code=91"
    assert unique_key(KIND, {"name": "甲 室", "area": "141029100"}) == "name+area=甲室|141029100"
    assert unique_key(KIND, {"name": "甲"}) == ""


@pytest.mark.parametrize(
    ("code", "good"), [("91350100M000100Y43", True), ("91350100M000100Y44", False), ("91350100M000100I43", False)]
)
def test_a_credit_code_is_checked_by_its_last_character(code: str, good: bool) -> None:
    assert (credit_code_fault(code) == "") is good


def test_a_degree_of_latitude_is_111_km() -> None:
    assert distance((36.0, 110.8), (37.0, 110.8)) == pytest.approx(111_195, rel=1e-3)


def test_what_is_near_or_of_the_same_name_may_be_the_same() -> None:
    me = Neighbour(0, "甲室", "", "141029100", (36.0, 110.8))
    others = (
        Neighbour(1, "乙室", "", "141029100", (36.0017, 110.8)),
        Neighbour(2, "丙室", "", "141029100", (36.0019, 110.8)),
        Neighbour(3, "甲　室", "", "141029100", None),
        Neighbour(4, "丁室", "other", "141029100", (36.0, 110.8)),
    )
    assert [(x.number, x.metres) for x in likely_same(KIND, me, others)] == [(1, 189), (3, None)]


@pytest.mark.parametrize(
    ("day", "standing"),
    [("2026-05-01", "later"), ("2026-05-02", "soon"), ("2026-07-01", "soon"), ("2026-07-02", "over")],
)
def test_the_last_day_is_still_valid(day: str, standing: str) -> None:
    (found,) = expiries(KIND, {"opened_on": "2026-07-01"}, on=date.fromisoformat(day))
    assert found.standing == standing


def test_a_school_year_is_called_by_the_year_in_which_it_begins() -> None:
    school = KIND.model_copy(update={"counted_on": "school_year"})
    assert [year_of(school, d) for d in (date(2026, 8, 31), date(2026, 9, 1))] == [2025, 2026]
    assert counting_day(school, 2026, date(2027, 3, 1)) == date(2026, 9, 1)
    assert counting_day(KIND, 2026, date(2026, 11, 28)) == date(2026, 11, 28)
