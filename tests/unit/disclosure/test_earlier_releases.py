"""A release beside earlier ones: nothing follows by subtraction; the same table again is the same."""

from __future__ import annotations

import numpy as np
import pytest

from qingmiao.disclosure import DisclosureError, Released, ShownTable, release, show, table
from qingmiao.disclosure.attack import recovered
from qingmiao.disclosure.releases import Covers
from qingmiao.disclosure.tables import Flags

TOWNS = ("甲", "乙", "丙", "丁", "戊")
AGES = {"age": {"0–17": frozenset(map(str, range(18))), "0–16": frozenset(map(str, range(17)))}}


def published(shown: ShownTable, name: str = "第一版", covers: Covers | None = None) -> Released:
    return Released(name, "children 2025", shown.table.by, shown.cells(), covers or {})


def test_the_same_table_again_is_the_same() -> None:
    rng = np.random.default_rng(3)
    cells = {(t, s): int(rng.integers(0, 40)) for t in TOWNS for s in "男女"}
    first = release(table(("town", "sex"), cells))
    again = release(table(("town", "sex"), cells), [published(first)])
    assert again.cells() == first.cells()


def test_a_number_shown_before_protects_nothing() -> None:
    """The total of a township is known from an earlier release: hiding it again does not help its small cell."""
    towns = {("甲",): 60, ("乙",): 80, ("丙",): 90}
    before = published(release(table(("town",), towns)))
    cells = {("甲", "男"): 3, ("甲", "女"): 57, ("乙", "男"): 40, ("乙", "女"): 40, ("丙", "男"): 45, ("丙", "女"): 45}
    made = table(("town", "sex"), cells)
    shown = release(made, [before])
    known = made.find([("甲", None), ("乙", None), ("丙", None), (None, None)])
    assert shown.there[known[1:3]].any()
    exact: Flags = ~shown.pattern.hidden
    exact[known] = True
    assert recovered(made, exact) == []


def test_random_tables_after_their_margins() -> None:
    """Forty times: a table of townships is out, then the same by sex and age group; both together give nothing."""
    refused = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        cells = {(t, s, a): int(rng.negative_binomial(1, 0.04)) for t in TOWNS for s in "男女" for a in "123"}
        towns = {(t,): sum(n for place, n in cells.items() if place[0] == t) for t in TOWNS}
        first = release(table(("town",), towns))
        made = table(("town", "sex", "age"), cells)
        try:
            shown = release(made, [published(first)])
        except DisclosureError:
            refused += 1
            continue
        exact = ~shown.pattern.hidden
        exact[made.find([(*p, None, None) for p, n in first.cells().items() if n is not None])] = True
        assert recovered(made, exact) == []
    assert refused < 10


def test_what_nothing_can_protect_is_refused() -> None:
    """Both townships are out; of one the two sexes are to follow, 3 and 5: together 8, known."""
    before = published(release(table(("town",), {("甲",): 8, ("乙",): 80})))
    made = table(("town", "sex"), {("甲", "男"): 3, ("甲", "女"): 5, ("乙", "男"): 40, ("乙", "女"): 40})
    with pytest.raises(DisclosureError, match="第一版"):
        release(made, [before])


def test_ages_that_differ_by_one_year_are_not_subtracted() -> None:
    """Those under 18 are out; those under 17 in the same township are 4 fewer: that number is not shown."""
    older = {(t, "0–17"): n for t, n in zip(TOWNS, (104, 220, 310, 95, 128), strict=True)}
    younger = {(t, "0–16"): n for t, n in zip(TOWNS, (100, 180, 262, 77, 101), strict=True)}
    before = published(release(table(("town", "age"), older)), covers=AGES)
    alone = release(table(("town", "age"), younger))
    after = release(table(("town", "age"), younger), [before], covers=AGES)
    assert alone.cells()[("甲", "0–16")] == 100
    assert after.cells()[("甲", "0–16")] is None
    assert after.cells()[("乙", "0–16")] == 180


def test_a_township_that_is_added_is_not_subtracted() -> None:
    """The first release lacks a township with five children: the new total would give them away."""
    before = published(release(table(("town",), {("甲",): 50, ("乙",): 80})))
    shown = release(table(("town",), {("甲",): 50, ("乙",): 80, ("丙",): 5}), [before]).cells()
    assert shown == {("甲",): 50, ("乙",): 80, ("丙",): None, (None,): None}


def test_what_was_hidden_stays_hidden() -> None:
    """A cell that was hidden stays hidden where the same people are counted again, though it is large by now."""
    first = release(table(("town",), {("甲",): 6, ("乙",): 30, ("丙",): 40}))
    later = table(("town",), {("甲",): 60, ("乙",): 30, ("丙",): 40})
    assert show(later).cells()[("甲",)] == 60
    assert release(later, [published(first)]).cells()[("甲",)] is None
