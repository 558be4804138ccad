"""Of a chain of counts nothing that is not shown follows from what is: every hidden number could be another one. The
twin tries every chain that looks the same; it knows nothing of how numbers were chosen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.disclosure.chains import ChainShown, show_chain

ROOM = 3
"""How many more than there are the reader thinks possible, where nothing bounds it."""
PARTS = st.lists(st.integers(0, 7), min_size=1, max_size=2)
CHAINS = st.tuples(st.lists(PARTS, min_size=1, max_size=3), st.integers(0, 7), st.integers(2, 5))


def numbers(stayed: list[list[int]], arrived: int) -> tuple[list[int], list[list[int]]]:
    """The links and their parts, added up."""
    rows = [*stayed, [arrived]]
    return [sum(map(sum, rows[k:])) for k in range(len(rows))], stayed


def flat(shown: ChainShown) -> list[int | None]:
    return [*shown.reached, *(n for row in shown.stayed for n in row)]


def alike(stayed: list[list[int]], arrived: int, shown: ChainShown) -> Iterator[list[int]]:
    """Every chain that fits all that is shown, with at least one behind what is not."""
    most = sum(map(sum, stayed)) + arrived + ROOM
    own = [*(n for row in shown.stayed for n in row), shown.reached[-1]]
    for guess in product(*([n] if n is not None else range(1, most + 1) for n in own)):
        left = iter(guess)
        rows = [[next(left) for _ in row] for row in stayed]
        reached, parts = numbers(rows, next(left))
        other = [*reached, *(n for row in parts for n in row)]
        if all(s is None or s == n for s, n in zip(flat(shown), other, strict=True)):
            yield other


@settings(max_examples=300, deadline=None)
@given(CHAINS)
def test_no_hidden_number_follows_from_those_that_are_shown(chain: tuple[list[list[int]], int, int]) -> None:
    stayed, arrived, fewest = chain
    shown = show_chain(stayed, arrived, fewest)
    reached, parts = numbers(stayed, arrived)
    true = [*reached, *(n for row in parts for n in row)]
    for n, s in zip(true, flat(shown), strict=True):
        assert s in (n, None)
        assert s is None or n == 0 or n >= fewest, "small ones are not shown"
        assert n != 0 or s == 0, "noughts are"
    hidden = [i for i, s in enumerate(flat(shown)) if s is None]
    open_ = {i: set[int]() for i in hidden}
    for other in alike(stayed, arrived, shown):
        for i in hidden:
            open_[i].add(other[i])
        if all(len(seen) > 1 for seen in open_.values()):
            break
    assert all(len(seen) > 1 for seen in open_.values()), (shown, open_)


@given(st.tuples(st.lists(st.lists(st.integers(5, 90), min_size=1, max_size=3), min_size=1), st.integers(5, 90)))
def test_where_nothing_is_small_everything_is_shown(chain: tuple[list[list[int]], int]) -> None:
    stayed, arrived = chain
    shown = show_chain(stayed, arrived, 5)
    reached, parts = numbers(stayed, arrived)
    assert flat(shown) == [*reached, *(n for row in parts for n in row)]


def test_a_link_that_gives_a_small_one_back_keeps_the_next_smallest_back_too() -> None:
    assert show_chain([[3, 8], [20]], 40, 5) == ChainShown((71, 60, 40), ((None, None), (20,)))
    assert show_chain([[3], [20]], 40, 5) == ChainShown((63, None, 40), ((None,), (None,)))
    assert show_chain([[9], [20]], 2, 5) == ChainShown((31, 22, None), ((9,), (None,)))
    assert show_chain([[1, 1], [20]], 40, 5) == ChainShown((62, None, 40), ((None, None), (None,)))
    assert show_chain([[0], [2]], 0, 5) == ChainShown((None, None, 0), ((0,), (None,)))
    assert show_chain([[3], [20]], 40, 0) == ChainShown((63, 60, 40), ((3,), (20,)))
