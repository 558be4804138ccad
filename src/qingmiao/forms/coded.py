"""Columns by their distinct values, and an expression over them: each different set of values is evaluated once.

What `content.evaluate` gives a row is what the column holds, to the last digit (decimals stay decimals): the same
function is asked, only less often. Functions of norms are asked once for all that they are called with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlglot import exp

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import Tree, arguments, columns_of, function_name, norms_of
from qingmiao.content.norms import NORMS

Places = NDArray[np.int64]
Mask = NDArray[np.bool_]
ROOM = 1 << 62
"""Below it the places of several columns are one number."""


@dataclass(frozen=True)
class CodedColumn:
    """A column (n,): `places[n]` is where its value stands in `values`; the first of these is always None."""

    places: Places
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.places)

    def at(self, n: int) -> Any:
        """The value of a row."""
        return self.values[self.places[n]]

    def cells(self) -> list[Any]:
        """The value of every row."""
        return [self.values[p] for p in self.places.tolist()]

    def mask(self, holds: Sequence[bool]) -> Mask:
        """The rows whose value holds; `holds`: of each of `values`."""
        return np.array(holds, dtype=bool)[self.places]

    def is_(self, value: bool) -> Mask:
        """The rows that are this truth."""
        return self.mask([v is value for v in self.values])

    def otherwise(self, value: Any) -> CodedColumn:
        """The same, and a value where there is none."""
        place, values = _distinct([value, *self.values[1:]])
        return CodedColumn(place[self.places], values)

    @property
    def there(self) -> Mask:
        """The rows that hold anything."""
        return self.places > 0

    def only(self, rows: Mask) -> CodedColumn:
        """The same in these rows, None in others."""
        return CodedColumn(np.where(rows, self.places, 0), self.values)

    def take(self, rows: Places) -> CodedColumn:
        """The rows of these numbers, in their order."""
        return CodedColumn(self.places[rows], self.values)

    def spread(self, rows: Places, size: int) -> CodedColumn:
        """A column of so many rows: these rows hold the cells, in their order, and no others hold any."""
        places = np.zeros(size, dtype=np.int64)
        places[rows] = self.places
        return CodedColumn(places, self.values)

    def now(self, made: Sequence[Any]) -> CodedColumn:
        """The column with another value for each of `values`."""
        place, values = _distinct(made)
        return CodedColumn(place[self.places], values)


def coded(cells: Sequence[Any]) -> CodedColumn:
    """A column out of its cells."""
    return CodedColumn(*_distinct(cells))


def singly(cells: Sequence[Any]) -> CodedColumn:
    """A column out of cells that are taken for different ones, as keys are: like ones only cost time. None is
    missing."""
    return CodedColumn(np.arange(1, len(cells) + 1), [None, *cells])


def dictionary(column: pa.Array | pa.ChunkedArray) -> CodedColumn:
    """A column of Arrow, each of its different values made once."""
    told = pc.dictionary_encode(column)
    told = told.combine_chunks() if isinstance(told, pa.ChunkedArray) else told
    places = told.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    return CodedColumn(places, [None, *told.dictionary.to_pylist()])


def constant(value: Any, size: int) -> CodedColumn:
    """A column that says the same in every row."""
    return CodedColumn(np.full(size, int(value is not None), dtype=np.int64), [None, value])


def _distinct(cells: Sequence[Any]) -> tuple[Places, list[Any]]:
    """Where each cell's value stands among the different ones. 1, true and 1.0 are different here."""
    kinds = set(map(type, cells)) - {type(None)}
    arrow = _ARROW.get(kinds.pop()) if len(kinds) == 1 else None
    if arrow is not None and len(cells) >= MANY:
        try:
            found = dictionary(pa.array(cells, arrow))
        except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):  # a number of many digits, half a character
            pass
        else:
            return found.places, list(found.values)
    return _distinct_of_any(cells)


MANY = 64
"""From so many cells on Arrow finds the different ones faster."""
_ARROW = {str: pa.string(), date: pa.date32(), int: pa.int64()}
"""Types of which Arrow keeps every value as it is."""


def _distinct_of_any(cells: Sequence[Any]) -> tuple[Places, list[Any]]:
    """The same of cells of any types."""
    known: dict[Any, int] = {None: 0}
    objects: dict[int, int] = {id(None): 0}  # most cells are the very objects of some few values
    values: list[Any] = [None]
    places = [0] * len(cells)
    for n, cell in enumerate(cells):
        place = objects.get(id(cell))
        if place is None:
            key = cell if type(cell) is str else _key(cell)
            place = known.get(key)
            if place is None:
                place = known[key] = len(values)
                values.append(cell)
            objects[id(cell)] = place  # `cells` holds the object: nothing else gets its id meanwhile
        places[n] = place
    return np.array(places, dtype=np.int64), values


def _key(cell: Any) -> Any:
    if isinstance(cell, Decimal):
        return Decimal, cell.as_tuple()
    return (type(cell), cell) if type(cell) in _PLAIN else (type(cell), repr(cell))


_PLAIN = (int, bool, date)
"""Types whose equal values are the same value."""


def over(tree: Tree, columns: Mapping[str, CodedColumn], size: int) -> CodedColumn:
    """The value of an expression in every row; a column that is not there is missing."""
    here = dict(columns)
    whole = _without_norms(tree, here, size) if norms_of(tree) else tree
    names = [name for name in columns_of(whole) if name in here]
    each, firsts = together([here[name] for name in names], size)
    rows = [dict(zip(names, cells, strict=True)) for cells in _rows([here[name] for name in names], firsts)]
    place, values = _distinct([evaluate(whole, row) for row in rows])
    return CodedColumn(place[each], values)


def together(columns: Sequence[CodedColumn], size: int) -> tuple[Places, Places]:
    """The different sets of values of several columns: which one each row has, and the first row of each."""
    key, room = np.zeros(size, dtype=np.int64), 1
    for one in columns:
        if room * len(one.values) >= ROOM:
            key, found = _numbered(key)
            room = len(found)
        key, room = key * len(one.values) + one.places, room * len(one.values)
    return _numbered(key)


def _numbered(key: Places) -> tuple[Places, Places]:
    told = pa.array(key).dictionary_encode()
    places = told.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    firsts = np.empty(len(told.dictionary), dtype=np.int64)
    firsts[places[::-1]] = np.arange(len(key) - 1, -1, -1)
    return places, firsts


def _rows(columns: Sequence[CodedColumn], firsts: Places) -> list[tuple[Any, ...]]:
    if not columns:
        return [()] * len(firsts)
    cells = [[one.values[p] for p in one.places[firsts].tolist()] for one in columns]
    return list(zip(*cells, strict=True))


def _without_norms(tree: Tree, columns: dict[str, CodedColumn], size: int) -> Tree:
    """The expression with a column in the place of each call of a norm; the columns are added."""
    whole = tree.copy()
    while (call := _innermost(whole)) is not None:
        given = [over(a, columns, size) for a in arguments(call)]
        each, firsts = together(given, size)
        name = f"norm {len(columns)}"
        found = NORMS[function_name(call) or ""].over_values([(g.values, g.places[firsts]) for g in given])
        columns[name] = coded(found).take(each)
        column = exp.column(name, quoted=True)
        if call is whole:
            return column
        call.replace(column)
    return whole


def _innermost(tree: Tree) -> exp.Expr | None:
    """A call of a norm that holds no other."""
    calls = [x for x in tree.find_all(exp.Anonymous) if function_name(x) in NORMS]
    return calls[-1] if calls else None
