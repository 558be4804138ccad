"""Totals that stand in a table as if they were a category: who adds and subtracts would undo the suppression with them.

A row "合计" in a by-column is no cell. By its name it is found in any table; by its numbers where it is the sum of all
others in every line, which chance does not do in a table of some size.
"""

from __future__ import annotations

import numpy as np

from qingmiao.disclosure.tables import CountTable

NAMES = frozenset(
    {"合计", "总计", "小计", "共计", "总数", "总和", "汇总", "全部", "total", "totals", "subtotal", "sum", "all"}
)  # fmt: skip
"""What totals are called, in small letters and without blanks."""
LINES, OTHERS = 2, 4
"""So many lines with two other categories, or one line with so many others, are no chance."""


def hidden_totals(table: CountTable) -> list[tuple[str, str]]:
    """(by-column, category) of every category that is the total of its column, by its name or by its numbers."""
    found = []
    for d, column in enumerate(table.by):
        named = {x for x in table.categories[d] if "".join(x.split()).lower() in NAMES}
        found += [(column, x) for x in table.categories[d] if x in named or _adds_up(table, d, x)]
    return found


def _adds_up(table: CountTable, d: int, category: str) -> bool:
    """Whether a category is in every line of its column the sum of all others."""
    cells = table.is_cell
    at, counts = table.at[cells, d], table.counts[cells]
    own = at == table.categories[d].index(category)
    if 2 * int(counts[own].sum()) != int(counts.sum()) or not counts.any():
        return False
    _, line = np.unique(table.code[cells] - at * table.strides[d], return_inverse=True)
    many = int(line.max()) + 1
    whole = np.bincount(line, counts, many)
    mine = np.bincount(line[own], counts[own], many)
    if (2 * mine != whole).any():
        return False
    others = np.bincount(line[~own & (counts > 0)], minlength=many)
    return bool((others >= 2).sum() >= LINES or (others >= OTHERS).any())
