"""A total that stands as a category is found, by its name or by its numbers; chance is not taken for one."""

from __future__ import annotations

import random
from itertools import product

import pytest

from qingmiao.disclosure import hidden_totals, table


@pytest.mark.parametrize("name", ["合计", "总 计", "小计", "Total", "ALL"])
def test_a_total_is_known_by_its_name(name: str) -> None:
    made = table(("town", "sex"), {("a", "M"): 33, ("a", "F"): 3, ("a", name): 36})
    assert hidden_totals(made) == [("sex", name)]


def test_a_total_is_known_by_its_numbers() -> None:
    towns = {"甲": (33, 3), "乙": (52, 61), "丙": (12, 18)}
    cells = {(town, sex): n for town, both in towns.items() for sex, n in zip("MF", both, strict=True)}
    cells |= {("全县", sex): sum(both[i] for both in towns.values()) for i, sex in enumerate("MF")}
    assert hidden_totals(table(("town", "sex"), cells)) == [("town", "全县")]
    del cells["全县", "F"]
    assert hidden_totals(table(("town", "sex"), cells)) == []


def test_equal_counts_and_noughts_are_no_totals() -> None:
    assert hidden_totals(table(("sex",), {("M",): 5, ("F",): 5})) == []
    assert hidden_totals(table(("town", "sex"), dict.fromkeys(product("abc", "MF"), 0))) == []
    assert hidden_totals(table(("town",), {("a",): 3, ("b",): 2, ("c",): 5})) == []


def test_drawn_tables_have_none() -> None:
    rng = random.Random(20261128)
    for _ in range(300):
        cells = {place: rng.randint(0, 9) for place in product("abcd", "MF", "xyz")}
        assert hidden_totals(table(("town", "sex", "age"), cells)) == []
