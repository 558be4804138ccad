"""Cells that only immunisation sheets have: the vaccine by number, and which dose the record says it was."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.standards.columns import Columns, Floats
from qingmiao.standards.readings import Reading, read_by

_NUMBER = re.compile(r"第?(\d{1,2}|[一二三四五六七八九])(?:剂次?|针|次)?(?:\.0+)?$", re.ASCII)
_CHINESE = {mark: number for number, mark in enumerate("一二三四五六七八九", start=1)}
MOST_DOSES = 20


def read_column(columns: Columns, name: str, rule: Callable[[str], float]) -> tuple[Floats, Reading]:
    """A column of texts by ``rule`` (0 where blank, absent or unread); what the rule refuses stands in
    ``columns.unread``.

    A column of numbers is read by its texts too: a number is no code of a vaccine.
    """
    reading = read_by(pa.array(columns.texts(name), type=pa.string()), rule)
    if reading.bad.any():
        columns.unread[name] = reading
    return np.nan_to_num(reading.values.to_numpy(zero_copy_only=False).astype(np.float64)), reading


def read_dose(text: str) -> int:
    """The number of a dose: ``2``, ``２``, ``2.0``, ``第2剂``, ``二``. Raises `MisreadError`."""
    plain = half_width(text)
    found = _NUMBER.match(plain)
    number = _CHINESE.get(found[1]) or int(found[1]) if found else 0
    if not 1 <= number <= MOST_DOSES:
        raise MisreadError("not_a_dose", f"「{text}」不是第几剂", _first_number(plain))
    return number


def _first_number(plain: str) -> str:
    found = re.search(r"[1-9]", plain)
    return found[0] if found else ""
