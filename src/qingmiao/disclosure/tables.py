"""Counts by categories, with the totals over every set of by-columns: the numbers that a release can show.

A number of a table has one category for each by-column, or `TOTAL` (None) where it is summed over that column. So a
table by township and sex has its cells, the totals of each township, the totals of each sex, and the total of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from qingmiao.kernel.errors import UserError

TOTAL = None
"""The place of a by-column over which a number is summed."""
Place = tuple[str | None, ...]
"""A number's category in each by-column."""
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
MOST_COLUMNS = 8
MOST_NUMBERS = 5_000_000
MOST_INDEXED = 8_000_000


@dataclass(frozen=True, eq=False)
class CountTable:
    """A table ready for release; rows of arrays are numbers, cells and totals alike, in the order of their code.

    `at` says for each by-column which category a number has (the count of categories where it is a total); `counts`
    what was counted; `code` is one number a place, increasing. Cells that were not given are no numbers of the table:
    everybody knows that they are nought.
    """

    by: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    at: Ints
    code: Ints
    counts: Ints
    strides: tuple[int, ...]
    index: Ints | None
    """Code → number (-1: none), where all codes fit into memory."""

    @property
    def is_cell(self) -> Flags:
        """Which numbers are cells, not totals."""
        return np.asarray((self.at != self.totals).all(axis=1))

    @property
    def totals(self) -> Ints:
        """The index that says "total" in each by-column."""
        return np.array([len(c) for c in self.categories], dtype=np.int64)

    def place(self, number: int) -> Place:
        """Where a number stands."""
        return tuple(
            names[i] if i < len(names) else TOTAL
            for names, i in zip(self.categories, self.at[number].tolist(), strict=True)
        )

    def places(self) -> list[Place]:
        """Where each number stands."""
        named = [(*names, TOTAL) for names in self.categories]
        return [tuple(named[d][i] for d, i in enumerate(row)) for row in self.at.tolist()]

    def find(self, places: Iterable[Place]) -> Ints:
        """The numbers at these places; -1 where the table has none."""
        index = [{None: len(names), **{n: i for i, n in enumerate(names)}} for names in self.categories]
        codes = []
        for place in places:
            found = [index[d].get(name, -1) for d, name in enumerate(place)]
            known = len(found) == len(index) and min(found, default=0) >= 0
            codes.append(sum(i * s for i, s in zip(found, self.strides, strict=True)) if known else -1)
        return self.numbers(np.array(codes, dtype=np.int64))

    def numbers(self, codes: Ints) -> Ints:
        """The numbers of these codes; -1 where the table has none."""
        if self.index is not None:
            return np.where(codes >= 0, self.index[np.maximum(codes, 0)], -1)
        near = np.minimum(np.searchsorted(self.code, codes), len(self.code) - 1)
        return np.where(self.code[near] == codes, near, -1)


def table(by: Sequence[str], cells: Mapping[tuple[str, ...], int]) -> CountTable:
    """A table of whole cells with all its totals.

    `cells`: the category in each by-column → count, not negative. Raises UserError for no column, too many columns,
    no cells, or more numbers than a release can have.
    """
    if not by or len(by) > MOST_COLUMNS:
        raise UserError(f"分组的列要有 1 到 {MOST_COLUMNS} 个，现在是 {len(by)} 个")
    if not cells:
        raise UserError("没有可以发布的数")
    if any(count < 0 for count in cells.values()):
        raise ValueError("a count is negative")
    if len(cells) * 2 ** len(by) > MOST_NUMBERS:
        raise UserError(f"表太大：{len(cells)} 格按 {len(by)} 列分组，连同合计超过 {MOST_NUMBERS} 个数；请分开发布")
    columns = list(zip(*cells, strict=True))
    categories = tuple(tuple(sorted(set(column))) for column in columns)
    index = [{name: i for i, name in enumerate(names)} for names in categories]
    at = np.array([[index[d][name] for name in column] for d, column in enumerate(columns)], dtype=np.int64).T
    strides = _strides(categories)
    counts = np.fromiter(cells.values(), dtype=np.int64, count=len(cells))
    codes, sums = [], []
    for summed in product((False, True), repeat=len(by)):
        over = np.where(summed, [len(c) for c in categories], at)
        found, which = np.unique(over @ np.array(strides, dtype=np.int64), return_inverse=True)
        total = np.zeros(len(found), dtype=np.int64)
        np.add.at(total, which, counts)
        codes.append(found)
        sums.append(total)
    code = np.concatenate(codes)
    order = np.argsort(code, kind="stable")
    code = code[order]
    spread = np.stack([code // s % (len(c) + 1) for s, c in zip(strides, categories, strict=True)], axis=1)
    return CountTable(
        tuple(by), categories, spread, code, np.concatenate(sums)[order], strides, _index(categories, code)
    )


def _index(categories: Sequence[Sequence[str]], code: Ints) -> Ints | None:
    span = prod(len(names) + 1 for names in categories)
    if span > MOST_INDEXED:
        return None
    index = np.full(span, -1, dtype=np.int64)
    index[code] = np.arange(len(code))
    return index


def _strides(categories: Sequence[Sequence[str]]) -> tuple[int, ...]:
    strides = [1]
    for names in reversed(categories[1:]):
        strides.insert(0, strides[0] * (len(names) + 1))
    if strides[0] * (len(categories[0]) + 1) >= 2**62:
        raise UserError("分组的列取值太多，相乘超过了可以处理的范围；请减少分组的列")
    return tuple(strides)
