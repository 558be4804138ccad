"""Cells as people write them, each different one read once; what could not be read is listed by row and column."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.standards.columns import Columns

_NUMBER = re.compile(r"第?(\d{1,2}|[一二三四五六七八九])(?:剂次?|针|次)?(?:\.0+)?$", re.ASCII)
_CHINESE = {mark: number for number, mark in enumerate("一二三四五六七八九", start=1)}
MOST_DOSES = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that could not be read: its table row (from 0), column and text, why, and the nearest right value or ``""``."""

    row: int
    column: str
    value: str
    why: str
    nearest: str = ""

    def __str__(self) -> str:
        return self.why + (f"；是不是 {self.nearest}？" if self.nearest else "")


@dataclass(frozen=True, slots=True)
class Cells:
    """A column of n cells: ``values[place]`` is what each says, ``None`` where blank or unread."""

    values: list[Any]
    place: NDArray[np.intp]
    bad: NDArray[np.bool_]
    """``[n]``: something stands there that could not be read."""
    errors: dict[int, MisreadError]
    """By position in ``values``."""

    def as_array(self, missing: object, dtype: str) -> NDArray[Any]:
        """The column as an array, ``missing`` where there is no value."""
        found = np.array([missing if value is None else value for value in self.values], dtype=dtype)
        return found[self.place]


def read_cells(
    columns: Columns, name: str, read: Callable[[str | None], object], faults: list[Fault]
) -> Cells:
    """A column read cell by cell with ``read`` (which raises `MisreadError`), each different cell once; appends to ``faults``.

    An absent column is blank.
    """
    encoded = pa.array(columns.texts(name), type=pa.string()).dictionary_encode()
    written: list[str | None] = [*encoded.dictionary.to_pylist(), None]
    place = encoded.indices.fill_null(len(written) - 1).to_numpy(zero_copy_only=False).astype(np.intp)
    values: list[Any] = []
    errors: dict[int, MisreadError] = {}
    for number, text in enumerate(written):
        try:
            values.append(read(text))
        except MisreadError as error:
            values.append(None)
            errors[number] = error
    unread = np.zeros(len(written), dtype=bool)
    unread[list(errors)] = True
    bad = unread[place]
    for row in np.flatnonzero(bad).tolist():
        found = errors[int(place[row])]
        faults.append(Fault(row, name, str(written[place[row]]), found.message, found.nearest))
    return Cells(values, place, bad, errors)


def read_dose(text: str | None) -> int | None:
    """The number of a dose: ``2``, ``２``, ``2.0``, ``第2剂``, ``二``; ``None`` for a blank cell. Raises `MisreadError`."""
    if text is None or not (plain := half_width(text)):
        return None
    found = _NUMBER.match(plain)
    number = _CHINESE.get(found[1]) or int(found[1]) if found else 0
    if not 1 <= number <= MOST_DOSES:
        raise MisreadError("not_a_dose", f"「{text}」不是第几剂", _first_number(plain))
    return number


def _first_number(plain: str) -> str:
    found = re.search(r"[1-9]", plain)
    return found[0] if found else ""


def reader_of(meaning: dict[str, int], what: str) -> Callable[[str | None], int | None]:
    """A reader of a list of words (any width and case) that raises `MisreadError` for any other."""

    def read(text: str | None) -> int | None:
        if text is None or not (plain := half_width(text).lower().removesuffix(".0")):
            return None
        if plain not in meaning:
            raise MisreadError("unknown_word", f"「{text}」不是认得的{what}", "、".join(list(meaning)[:4]))
        return meaning[plain]

    return read
