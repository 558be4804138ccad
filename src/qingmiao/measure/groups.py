"""Groups as whole numbers: area, year and breakdown codes packed into one sorted int64 key, so that joins are
searches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.kernel.areas import AreaLevel, AreaTree

Keys = NDArray[np.int64]
Floats = NDArray[np.float64]
YEARS = 4096
"""Years 1 … 4095 fit; a date outside has no year here and its row is not counted."""


class Vocabulary:
    """Distinct texts in code-point order ↔ 0, 1, 2 …"""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(sorted(set(texts)))
        self.ids = {t: i for i, t in enumerate(self.texts)}

    def __len__(self) -> int:
        return len(self.texts)

    def encode(self, column: pa.ChunkedArray | pa.Array) -> Keys:
        """The numbers of a text column; −1 where missing."""
        flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        coded = flat.cast(pa.string()).dictionary_encode()
        own = np.array([self.ids[t] for t in coded.dictionary.to_pylist()] + [-1], dtype=np.int64)
        places = coded.indices.fill_null(len(own) - 1).to_numpy(zero_copy_only=False)
        return np.asarray(own[places.astype(np.int64)], dtype=np.int64)


@dataclass(frozen=True)
class Space:
    """All areas and breakdown codes of one measuring run, and the level of each area."""

    areas: Vocabulary
    dims: Mapping[str, Vocabulary]
    level_of: tuple[AreaLevel | None, ...]
    tree: AreaTree

    def keys(self, areas: Keys, years: Keys, codes: Mapping[str, Keys], dims: tuple[str, ...]) -> Keys:
        """Pack columns of numbers into keys; all parts must be ≥ 0."""
        key = areas * YEARS + years
        for name in dims:
            key = key * len(self.dims[name]) + codes[name]
        return key

    def unpack(self, keys: Keys, dims: tuple[str, ...]) -> tuple[Keys, Keys, dict[str, Keys]]:
        """Areas, years and breakdown codes of keys."""
        codes: dict[str, Keys] = {}
        for name in reversed(dims):
            keys, codes[name] = np.divmod(keys, len(self.dims[name]))
        areas, years = np.divmod(keys, YEARS)
        return areas, years, codes

    def years(self, keys: Keys, dims: tuple[str, ...]) -> Keys:
        """The years of keys."""
        size = int(np.prod([max(len(self.dims[d]), 1) for d in dims], dtype=np.int64)) if dims else 1
        return (keys // size) % YEARS

    def totals(self, areas: Keys, years: Keys) -> Keys:
        """Every area with every year, as total keys."""
        return (areas[:, None] * YEARS + years[None, :]).ravel()

    def at(self, level: AreaLevel) -> Keys:
        """The numbers of all areas of one level."""
        return np.array([i for i, x in enumerate(self.level_of) if x is level], dtype=np.int64)

    def members(self, area: int, level: AreaLevel, on: date) -> Keys:
        """The areas of `level` that are under an area of the tree on a day; empty when the tree does not know it."""
        code = self.areas.texts[area]
        if code not in self.tree:
            return np.zeros(0, dtype=np.int64)
        found = [self.areas.ids[a.code] for a in self.tree.under(code, level, on)]
        return np.array(sorted(found), dtype=np.int64)


@dataclass(frozen=True)
class Frame:
    """Groups with one number each: `keys` sorted and different; `values` NaN where there is none.

    `issues`: why a value is missing, where the source itself knows (0 = it does not say); an int8 per key.
    """

    keys: Keys
    values: Floats
    issues: NDArray[np.int8]

    def find(self, keys: Keys) -> tuple[NDArray[np.bool_], Floats, NDArray[np.int8]]:
        """For each key: is it here, its value (NaN when not), its issue."""
        if not len(self.keys):
            none = np.zeros(len(keys), dtype=bool)
            return none, np.full(len(keys), np.nan), np.zeros(len(keys), dtype=np.int8)
        position = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        here = self.keys[position] == keys
        return here, np.where(here, self.values[position], np.nan), np.where(here, self.issues[position], 0)


def frame_of(keys: Keys, values: Floats, issues: NDArray[np.int8] | None = None) -> Frame:
    """A frame from keys in any order."""
    order = np.argsort(keys, kind="stable")
    kept = issues if issues is not None else np.zeros(len(keys), dtype=np.int8)
    return Frame(keys[order], values[order], kept[order])


def empty_frame() -> Frame:
    """No groups."""
    return Frame(np.zeros(0, np.int64), np.zeros(0, np.float64), np.zeros(0, np.int8))


def join_frames(frames: list[Frame]) -> Frame:
    """Frames with different keys as one."""
    if len(frames) == 1:
        return frames[0]
    if not frames:
        return empty_frame()
    return frame_of(
        np.concatenate([f.keys for f in frames]),
        np.concatenate([f.values for f in frames]),
        np.concatenate([f.issues for f in frames]),
    )


def floats(column: pa.ChunkedArray | pa.Array, divisor: float = 1.0) -> Floats:
    """A column as doubles, NaN where missing."""
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    numbers: NDArray[Any] = flat.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(numbers / divisor if divisor != 1.0 else numbers, dtype=np.float64)
