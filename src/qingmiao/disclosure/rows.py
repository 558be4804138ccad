"""Rows about persons, made fit to be given to somebody from outside: nobody is told apart, no rare thing is told.

A row says two sorts of things: what others may know of a person (`by`: where, which sex, which age group) and what they
do not (everything else). How and why: docs/explanation/disclosure.md.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingmiao.disclosure.policy import RULE, DisclosureRule

LEFT_OUT = "*"
"""What stands where a value was left out; a missing value stays empty."""
NAMED = 20
"""Characters of a pseudonym: 80 bits."""
Texts = NDArray[np.str_]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class AnonymousRows:
    """Rows as they may be given out: `columns` of equal length, and what was taken away to come there.

    `kept`: which of the given rows are there still; `blanked`: column → in how many of these its value was left out.
    """

    columns: Mapping[str, Texts]
    kept: Flags
    blanked: Mapping[str, int]

    @property
    def dropped(self) -> int:
        """How many rows were left out whole."""
        return int((~self.kept).sum())


def anonymous(columns: Mapping[str, Sequence[str]], by: Sequence[str], *, rule: DisclosureRule = RULE) -> AnonymousRows:
    """Leave out as much as is needed that nobody can be told apart by `by`; one row must be one person.

    Guarantee: every row is like at least `rule.small` others in all of `by`; and no value of another column that is not
    the most frequent one is shared by all rows that are alike (else whoever is known to be among them is known to have
    it). Where rows are too few, the last of `by` is left out first, then the one before it …: put what is needed most
    first. What cannot be made alike even so is left out whole. Raises ValueError for columns of unequal length and for
    a `by` that is no column.
    """
    given = {name: np.asarray(values, dtype=str) for name, values in columns.items()}
    lengths = {len(v) for v in given.values()}
    if len(lengths) > 1 or not set(by) <= set(given):
        raise ValueError("columns of unequal length, or a column that is not there")
    shown = {name: given[name].astype(object) for name in given}
    for name in reversed(by):
        few = _few(shown, by, rule)
        shown[name][few] = LEFT_OUT
    kept = ~_few(shown, by, rule)
    out = {name: values[kept] for name, values in shown.items()}
    alike = _alike(out, by)
    for name in [n for n in out if n not in by]:
        out[name][_rare_and_shared(out[name], alike)] = LEFT_OUT
    blanked = {name: int((values == LEFT_OUT).sum()) for name, values in out.items()}
    return AnonymousRows({n: v.astype(str) for n, v in out.items()}, kept, {n: k for n, k in blanked.items() if k})


def pseudonym(key: bytes, *parts: str) -> str:
    """The name of a row under a key: nobody without the key finds it from the parts, nobody with it finds the parts but
    by trying. Whoever throws the key away has made it final."""
    told = "\x1f".join(parts).encode("utf-8")
    return hmac.new(key, told, hashlib.sha256).hexdigest()[:NAMED]


def _alike(shown: Mapping[str, NDArray[np.object_]], by: Sequence[str]) -> Ints:
    """The number of the class of each row: rows of one class say the same in all of `by`."""
    rows = len(next(iter(shown.values()))) if shown else 0
    code = np.zeros(rows, dtype=np.int64)
    for name in by:
        names, at = np.unique(shown[name].astype(str), return_inverse=True)
        _, code = np.unique(code * (len(names) + 1) + at, return_inverse=True)
    return code


def _few(shown: Mapping[str, NDArray[np.object_]], by: Sequence[str], rule: DisclosureRule) -> Flags:
    """The rows of classes of a small count."""
    code = _alike(shown, by)
    return np.asarray(np.bincount(code)[code] <= rule.small) if len(code) else np.zeros(0, dtype=np.bool_)


def _rare_and_shared(values: NDArray[np.object_], alike: Ints) -> Flags:
    """The rows of classes whose rows all have one value, where that is neither empty nor the most frequent of all."""
    if not len(values):
        return np.zeros(0, dtype=np.bool_)
    names, at, often = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    classes = int(alike.max()) + 1
    low, high = np.full(classes, len(names)), np.full(classes, -1)
    np.minimum.at(low, alike, at)
    np.maximum.at(high, alike, at)
    plain = (names == "") | (often == often.max())
    return np.asarray((low == high)[alike] & ~plain[at])
