"""Two hundred made-up tables are published and attacked by linear programming: no small count is found."""

from __future__ import annotations

import numpy as np
import pytest

from qingmiao.disclosure import RULE, CountTable, show, table
from qingmiao.disclosure.attack import attack, recovered
from qingmiao.disclosure.tables import Flags

SHAPES = ((9,), (4, 3), (6, 2), (5, 4), (3, 3, 2), (2, 2, 2, 2), (7, 5), (1, 6), (12,), (2, 5, 2))
"""Numbers of categories; hierarchies of one to four by-columns."""


def drawn(seed: int) -> CountTable:
    """A table with many small counts and noughts, as townships have them; one in three has gaps."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[seed % len(SHAPES)]
    counts = rng.negative_binomial(0.7, rng.choice([0.01, 0.03, 0.1]), size=shape)
    cells = {tuple(f"{d}.{i}" for d, i in enumerate(place)): int(counts[place]) for place in np.ndindex(*shape)}
    if seed % 3 == 0:
        kept = {place: n for place, n in cells.items() if rng.random() < 0.7}
        cells = kept or cells
    return table([f"b{d}" for d in range(len(shape))], cells)


def primary_only(made: CountTable) -> Flags:
    """What is shown where small counts alone are suppressed."""
    return (made.counts == 0) | (made.counts > RULE.small)


@pytest.fixture(scope="module")
def tables() -> list[CountTable]:
    return [drawn(seed) for seed in range(200)]


def test_no_small_count_is_recovered(tables: list[CountTable]) -> None:
    attacked = 0
    for made in tables:
        shown = show(made)
        assert not shown.pattern.bare
        attacked += int((shown.pattern.small).sum())
        assert recovered(made, shown.there) == []
        assert recovered(made, ~shown.pattern.hidden) == []
    assert attacked > 1000


def test_primary_suppression_alone_is_undone(tables: list[CountTable]) -> None:
    undone = [made for made in tables if recovered(made, primary_only(made))]
    exact = 0
    for made in undone:
        for found in attack(made, primary_only(made)):
            exact += found.high is not None and found.high - found.low < 1e-6
    assert len(undone) > 60
    assert exact > 100


def test_even_with_rounding_primary_suppression_alone_is_undone(tables: list[CountTable]) -> None:
    """Who has only rounded totals still finds small counts where nothing else is suppressed; here not."""
    slack = RULE.base // 2
    assert any(recovered(made, primary_only(made), slack=slack) for made in tables)
    assert not any(recovered(made, show(made).there, slack=slack) for made in tables[:60])


def test_a_small_county_stands_as_a_worked_table() -> None:
    """The table of docs/explanation/disclosure.md."""
    made = table(("乡镇", "性别"), {
        ("甲", "男"): 43, ("甲", "女"): 3, ("乙", "男"): 52, ("乙", "女"): 61, ("丙", "男"): 12, ("丙", "女"): 18,
        ("丁", "男"): 96, ("丁", "女"): 0,
    })  # fmt: skip
    shown = show(made).cells()
    assert {place: n for place, n in shown.items() if None not in place} == {
        ("甲", "男"): None, ("甲", "女"): None, ("乙", "男"): 50, ("乙", "女"): 60, ("丙", "男"): None,
        ("丙", "女"): None, ("丁", "男"): 95, ("丁", "女"): 0,
    }  # fmt: skip
    assert shown[("甲", None)] is None
    assert shown[("乙", None)] == 50 + 60
    assert shown[(None, "男")] == 50 + 95
    assert shown[(None, "女")] == 60 + 0
    assert shown[(None, None)] == 50 + 60 + 95 + 0


@pytest.mark.parametrize("seed", range(0, 40, 3))
def test_what_is_shown_follows_the_rule(seed: int) -> None:
    made = drawn(seed)
    shown = show(made)
    values = shown.cells()
    true = dict(zip(made.places(), made.counts.tolist(), strict=True))
    cells = [place for place in values if None not in place]
    for place in cells:
        if values[place] is None:
            assert true[place] > 0
        else:
            assert true[place] == 0 or true[place] > 7
            assert values[place] == 5 * ((true[place] + 2) // 5)
    for place in values.keys() - set(cells):
        below = [c for c in cells if all(p in (None, n) for p, n in zip(place, c, strict=True))]
        total = sum(values[c] or 0 for c in below)
        assert values[place] in (total, None)
        assert 0 < true[place] <= 7 or values[place] != 0 or all(values[c] == 0 for c in below)


def test_the_order_of_rows_decides_nothing() -> None:
    made = drawn(7)
    cells = {p: int(n) for p, n in zip(made.places(), made.counts, strict=True) if None not in p}
    turned = table(made.by, dict(reversed(cells.items())))
    assert show(turned).cells() == show(made).cells()


def test_a_large_table_is_done() -> None:
    """A hundred thousand cells in one pass: a limit of boxes for each number, not of all pairs with all."""
    rng = np.random.default_rng(1)
    counts = rng.negative_binomial(0.8, 0.03, size=(400, 250))
    made = table(("a", "b"), {(f"{i}", f"{j}"): int(n) for (i, j), n in np.ndenumerate(counts)})
    shown = show(made)
    cells = made.is_cell
    assert cells.sum() == 100_000
    assert not shown.pattern.bare
    assert not shown.there[shown.pattern.small].any()
    assert (~shown.there[cells]).sum() < 1.2 * shown.pattern.small[cells].sum()
