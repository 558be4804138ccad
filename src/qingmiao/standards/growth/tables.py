"""The published numbers, read once from the package's data files when first used, and where they come from.

Each data file has an entry in ``data/growth/sources.toml``: issuer, year, document, licence note, check, sha256.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from qingmiao.standards.columns import Floats


@dataclass(frozen=True, slots=True)
class TableSource:
    """Where a data file comes from."""

    file: str
    standard: str
    title_zh: str
    issuer: str
    year: int
    document: str
    licence: str
    check: str
    sha256: str


def _folder() -> Traversable:
    return files("qingmiao.standards") / "data" / "growth"


@cache
def sources() -> tuple[TableSource, ...]:
    """Every data file of the growth norms, in the order of ``sources.toml``."""
    text = (_folder() / "sources.toml").read_text(encoding="utf-8")
    return tuple(TableSource(**entry) for entry in tomllib.loads(text)["source"])


def content(file: str) -> bytes:
    """The bytes of a data file as shipped."""
    return (_folder() / file).read_bytes()


def broken_files() -> tuple[str, ...]:
    """Data files whose content is not what their recorded hash says; empty when all is well."""
    return tuple(s.file for s in sources() if hashlib.sha256(content(s.file)).hexdigest() != s.sha256)


def read(file: str) -> pa.Table:
    """A data file as an Arrow table; numbers as ``float64``."""
    numbers = {name: pa.float64() for name in ("x", "L", "M", "S", "level", "value")}
    options = pacsv.ConvertOptions(column_types=numbers)
    return pacsv.read_csv(pa.BufferReader(content(file)), convert_options=options)


@dataclass(frozen=True, slots=True)
class LmsTable:
    """L, M, S of one measure on an even grid, both sexes in a row, with the ±2 and ±3 SD marks worked out.

    Row of ``sex`` (1 male, 2 female) at grid place ``i`` = round((x - first) / step): ``(sex - 1) * count + i``.
    Each array has ``2 * count + 1`` rows; the last, ``sentinel``, is NaN: the row of a child without a score.
    """

    first: float
    step: float
    count: int
    l: Floats  # noqa: E741  (the method's own letter)
    m: Floats
    s: Floats
    sl: Floats
    """S x L, the divisor of the z-score."""

    @property
    def sentinel(self) -> int:
        return 2 * self.count

    def sd(self, z: float) -> Floats:
        """Measure at ``z`` standard deviations, every row: M (1 + L S z)^(1/L)."""
        values: Floats = self.m * (1 + self.l * self.s * z) ** (1 / self.l)
        return values


def lms_table(table: pa.Table, measure: str, *, first: float | None = None, step: float = 1.0) -> LmsTable:
    """The rows of one measure as an :class:`LmsTable`; ``first`` below the table's own start pads with NaN."""
    rows = table.filter(pa.compute.equal(table["measure"], measure))
    x = np.rint(rows["x"].to_numpy() / step).astype(np.int64)
    start = int(x.min()) if first is None else round(first / step)
    count = int(x.max()) - start + 1
    place = (rows["sex"].to_numpy().astype(np.int64) - 1) * count + (x - start)
    columns: list[Floats] = []
    for name in ("L", "M", "S"):
        values = np.full(2 * count + 1, np.nan)
        values[place] = rows[name].to_numpy()
        columns.append(values)
    lam, mu, sigma = columns
    return LmsTable(start * step, step, count, lam, mu, sigma, sigma * lam)


@dataclass(frozen=True, slots=True)
class GradeTable:
    """Limits of one measure by sex at given ages or sizes: ``values[sex - 1, i, j]`` at ``x[i]``, ``levels[j]``."""

    x: Floats
    levels: tuple[float, ...]
    values: NDArray[np.float64]


def grade_table(table: pa.Table, measure: str, key: str = "level") -> GradeTable:
    """The rows of one measure in long form as a :class:`GradeTable` with its levels rising.

    ``key`` names the column of levels; text levels are numbered in the order in which they appear.
    """
    rows = table.filter(pa.compute.equal(table["measure"], measure))
    names = rows[key].to_pylist()
    levels = list(dict.fromkeys(names)) if isinstance(names[0], str) else sorted(set(names))
    x = np.unique(rows["x"].to_numpy())
    values = np.full((2, len(x), len(levels)), np.nan)
    column = np.array([levels.index(name) for name in names])
    values[rows["sex"].to_numpy().astype(int) - 1, np.searchsorted(x, rows["x"].to_numpy()), column] = rows[
        "value"
    ].to_numpy()
    numbers = tuple(range(len(levels))) if isinstance(names[0], str) else tuple(levels)
    return GradeTable(x, numbers, values)
