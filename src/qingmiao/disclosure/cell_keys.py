"""Tables counted from records, with noise that is the same wherever the same people are counted (cell keys).

Each record has a key of its own, made from its id and a secret of the server; the key of a cell is the sum of its
records' keys, and a fixed table says how much noise that key gives. So asking the same question again, or in another
way, gives the same number, and nothing is gained by taking the mean of many answers. The noise has mean 0 and is at
most `MOST`; nought stays nought and nothing becomes negative.

Source of the method: the Australian Bureau of Statistics' perturbation of census tables by cell keys (Fraser and Wooton
2005), also in use for the census of England and Wales 2021; the table of noise below is this project's own.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from qingmiao.disclosure.policy import RULE, DisclosureRule
from qingmiao.disclosure.tables import CountTable, Ints, table

KEYS = 256
MOST = 3
NOISE: tuple[tuple[int, ...], ...] = (
    (0, 0, 0, 256, 0, 0, 0),
    (0, 0, 64, 128, 64, 0, 0),
    (0, 32, 56, 80, 56, 32, 0),
    (16, 35, 49, 56, 49, 35, 16),
)
"""For a count of 0, 1, 2, and 3 or more: how many of the 256 cell keys give the noise -3, -2, … 3. Each row has mean
0."""


def record_keys(ids: Sequence[str], secret: bytes) -> Ints:
    """The key of each record, 0–255: the first byte of HMAC-SHA-256 of its id under the server's secret."""
    return np.fromiter(
        (hmac.new(secret, id_.encode(), sha256).digest()[0] for id_ in ids), dtype=np.int64, count=len(ids)
    )


def noisy(counts: Ints, cell_keys: Ints) -> Ints:
    """Counts with the noise of their cell keys (0–255)."""
    ends = np.cumsum(np.array(NOISE), axis=1)
    row = np.minimum(counts, len(NOISE) - 1)
    return np.asarray(counts + (cell_keys[:, None] >= ends[row]).sum(axis=1) - MOST)


def counted(
    by: Sequence[str], columns: Sequence[Sequence[str]], keys: Ints, *, rule: DisclosureRule = RULE
) -> CountTable:
    """A table of records with noise: `columns` says each record's category in each by-column, `keys` its record key.

    A cell whose true count is small stays small whatever its noise, so that it is suppressed as it would be without.
    """
    cells: dict[tuple[str, ...], list[int]] = {}
    for i, place in enumerate(zip(*columns, strict=True)):
        cells.setdefault(place, []).append(i)
    true = np.array([len(rows) for rows in cells.values()], dtype=np.int64)
    sums = np.array([int(keys[rows].sum()) % KEYS for rows in cells.values()], dtype=np.int64)
    given = noisy(true, sums)
    given = np.where((true > 0) & (true <= rule.small), np.clip(given, 1, rule.small), given)
    return table(by, dict(zip(cells, given.tolist(), strict=True)))
