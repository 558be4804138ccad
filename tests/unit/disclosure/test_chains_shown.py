"""Of a chain of counts nothing that is not shown follows from what is: every hidden number could be another one. The
twin reckons what a reader can; it knows nothing of how numbers were chosen."""

from __future__ import annotations

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


def sums(row: tuple[int | None, ...], most: int) -> set[int]:
    """What the parts of a link may add up to: one that is not shown is at least one."""
    found = {0}
    for part in row:
        found = {s + n for s in found for n in ([part] if part is not None else range(1, most + 1))}
    return found


def open_to_readers(shown: ChainShown, most: int) -> list[set[int]]:
    """What each number may be for who knows only what is shown, in the order of `flat`: link by link, from the last one
    forward what may have come to it, then back what also fits those before it."""
    rows = [*shown.stayed, shown.reached[-1:]]
    behind = [{0}]
    for row, link in zip(reversed(rows), reversed(shown.reached), strict=True):
        came = {s + t for s in behind[0] for t in sums(row, most)}
        behind.insert(0, came if link is None else came & {link})
    fits = behind[:1]
    for k, row in enumerate(rows[:-1]):
        fits.append({s for s in behind[k + 1] if any(s + t in fits[k] for t in sums(row, most))})
    parts = [
        {
            n
            for n in ([part] if part is not None else range(1, most + 1))
            if any(s + n + t in fits[k] for s in fits[k + 1] for t in sums((*row[:i], *row[i + 1 :]), most))
        }
        for k, row in enumerate(shown.stayed)
        for i, part in enumerate(row)
    ]
    return [*fits, *parts]


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
    for n, s, open_ in zip(true, flat(shown), open_to_readers(shown, reached[0] + ROOM), strict=True):
        assert n in open_, "the reader's own reckoning finds the truth"
        assert (len(open_) > 1) is (s is None), (shown, open_)


def test_the_reader_finds_what_only_the_small_ones_hide() -> None:
    told = open_to_readers(ChainShown((63, None, 40), ((None,), (20,))), 66)
    assert told == [{63}, {60}, {40}, {3}, {20}]
    two = open_to_readers(ChainShown((42, 40), ((None, None),)), 45)
    assert two == [{42}, {40}, {1}, {1}]


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
