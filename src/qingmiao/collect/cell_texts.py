"""Cells of text become typed values, each different text read once by the rules of `kernel`; what cannot be read says
why.

The usual forms (plain ISO days, plain numbers, known codes) are converted by column; only the others are read one by
one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.collect.moments import days_and_clocks
from qingmiao.kernel.day_texts import read_day
from qingmiao.kernel.days import FIRST_YEAR, LAST_YEAR
from qingmiao.kernel.misread import BLANK, MisreadError, half_width
from qingmiao.kernel.number_texts import read_number

LARGEST = 1e15
"""Numbers beyond are refused: a double no longer holds them to the unit, and nothing in a county is so large."""
LONGEST_NUMBER = 40
"""Characters of a number, a day or a code (local setting)."""
_FIRST, _LAST = (pa.scalar(date(y, m, d)) for y, m, d in ((FIRST_YEAR, 1, 1), (LAST_YEAR, 12, 31)))
_ISO = r"^\d{4}-\d{2}-\d{2}$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$"
_ZONED = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$"
_NUMBER = r"^-?\d{1,15}(\.\d{1,18})?$"
_NOT_ZERO = re.compile(r"^[^eE]*[1-9]")
_TRUE = ("true", "t", "1", "1.0", "y", "yes", "是", "有", "√")
_FALSE = ("false", "f", "0", "0.0", "n", "no", "否", "无", "×")


@dataclass
class Texts:
    """A column of text taken apart: its different texts and where each stands (-1 = empty)."""

    different: pa.Array
    place: NDArray[np.int64]


@dataclass
class Values:
    """Typed values row by row, and the texts that could not be read with the reason. `clock`: microseconds of the
    day."""

    values: pa.Array
    bad: dict[int, MisreadError] = field(default_factory=dict)
    """Keyed by the place of the text among the different ones."""
    clock: pa.Array | None = None


def taken_apart(values: pa.Array) -> Texts:
    """The different texts of a column; a cell of blanks only is empty."""
    encoded = values.dictionary_encode()
    different = encoded.dictionary
    place = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    if len(different):
        empty = np.flatnonzero(
            pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(different)), 0).to_numpy(zero_copy_only=False)
        )
        if len(empty):
            place = np.where(np.isin(place, empty), -1, place)
    return Texts(different, place)


def _spread(texts: Texts, typed: pa.Array) -> pa.Array:
    return typed.take(pa.array(texts.place, mask=texts.place < 0))


def _read(
    texts: Texts, typed: pa.Array, kind: pa.DataType, read: Callable[[str], object]
) -> tuple[pa.Array, dict[int, MisreadError]]:
    """`typed` with what is still missing read one by one, and what could not be."""
    missing = np.flatnonzero(typed.is_null().to_numpy(zero_copy_only=False))
    used = set(np.unique(texts.place).tolist()) if len(missing) else set()
    bad: dict[int, MisreadError] = {}
    places: list[int] = []
    values: list[object] = []
    for i in missing.tolist():
        if i not in used:
            continue
        text = texts.different[i].as_py()
        try:
            value = read(_bounded(text))
            if value is None:
                raise MisreadError("not_a_value", f"「{_short(text)}」不是值", "")
        except MisreadError as e:
            bad[i] = e
            continue
        places.append(i)
        values.append(value)
    if places:
        filled = np.full(len(typed), -1, dtype=np.int64)
        filled[places] = np.arange(len(places))
        more = pa.array(values, kind).take(pa.array(filled, mask=filled < 0))
        typed = pc.coalesce(typed, more)
    return typed, bad


def _bounded(text: str) -> str:
    if "\0" in text:
        raise MisreadError("nul", "含有空字符（NUL），文件坏了；请重新导出")
    if len(text.strip()) > LONGEST_NUMBER:
        raise MisreadError("too_long", f"「{_short(text)}」太长（{len(text)} 字），不是这一列的值")
    return text


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_NUMBER else text[:LONGEST_NUMBER] + "…"


def days(texts: Texts) -> Values:
    """Days of China; a moment also gives its time of day."""
    different = texts.different
    plain = pc.if_else(pc.match_substring_regex(different, _ISO), different, None)
    typed = _cast(plain, pa.date32())
    clock: pa.Array | None = None
    for form, kind in ((_MOMENT, pa.timestamp("us")), (_ZONED, pa.timestamp("us", "UTC"))):
        fits = pc.match_substring_regex(different, form)
        if not pc.any(fits).as_py():
            continue
        day, time = days_and_clocks(_cast(pc.if_else(fits, different, None), kind))
        typed = pc.coalesce(typed, day)
        clock = time if clock is None else pc.coalesce(clock, time)
    outside = pc.or_(pc.less(typed, _FIRST), pc.greater(typed, _LAST)).fill_null(False)
    typed = pc.if_else(outside, None, typed)
    typed, bad = _read(texts, typed, pa.date32(), read_day)
    return Values(_spread(texts, typed), bad, None if clock is None else _spread(texts, clock))


def _cast(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """The column in another type; all missing where any value is not of it (they are read one by one then)."""
    try:
        return values.cast(kind)
    except pa.ArrowInvalid:
        return pa.nulls(len(values), kind)


def numbers(texts: Texts, *, whole: bool) -> Values:
    """Numbers as doubles, or whole numbers; never infinite, never beyond `LARGEST`."""
    different = texts.different
    plain = pc.if_else(pc.match_substring_regex(different, _NUMBER), different, None)
    typed = _cast(plain, pa.float64())

    def read(text: str) -> float:
        if half_width(text) in BLANK:
            raise MisreadError("not_a_number", f"「{_short(text)}」不是数", "")
        value = read_number(text)
        if value is None or not math.isfinite(value) or abs(value) > LARGEST:
            raise MisreadError("too_large", f"「{_short(text)}」超出了能用的数（±10^15）", "")
        if value == 0 and _NOT_ZERO.search(half_width(text)):
            raise MisreadError("too_small", f"「{_short(text)}」小得存不下", "")
        return value

    typed, bad = _read(texts, typed, pa.float64(), read)
    if whole:
        given = typed.fill_null(0).to_numpy(zero_copy_only=False)
        for i in np.flatnonzero(given != np.trunc(given)).tolist():
            bad[i] = MisreadError("not_whole", f"「{_short(different[i].as_py())}」不是整数", "")
        typed = pa.array(np.trunc(given).astype(np.int64), mask=typed.is_null().to_numpy(zero_copy_only=False))
    return Values(_spread(texts, typed), bad)


def truths(texts: Texts) -> Values:
    """True and false as people write them."""

    def read(text: str) -> bool:
        low = half_width(text).casefold()
        if low in _TRUE or low in _FALSE:
            return low in _TRUE
        raise MisreadError("not_a_truth", f"「{_short(text)}」不是真假", "")

    typed, bad = _read(texts, pa.nulls(len(texts.different), pa.bool_()), pa.bool_(), read)
    return Values(_spread(texts, typed), bad)


def known(texts: Texts, forms: Mapping[str, str], say: Callable[[str], MisreadError]) -> Values:
    """Codes: `forms` maps each way of writing to the code that counts; `say` explains one that is none of them."""
    different = texts.different
    places = pc.index_in(different, value_set=pa.array(list(forms), pa.string()))
    typed = pa.array(list(forms.values()), pa.string()).take(places)

    def read(text: str) -> str:
        plain = half_width(text)
        if plain in forms:
            return forms[plain]
        raise say(text)

    typed, bad = _read(texts, typed, pa.string(), read)
    return Values(_spread(texts, typed), bad)
