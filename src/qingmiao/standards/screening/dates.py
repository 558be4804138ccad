"""Calendar dates as columns: reading, adding months and completed months. No clock: "today" is always passed in."""

from __future__ import annotations

import datetime
import re
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.standards.columns import Columns, Texts

Dates: TypeAlias = NDArray[np.datetime64]
"""``datetime64[D]``; missing is NaT."""

NAT = np.datetime64("NaT", "D")
_WRITTEN = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?$|(\d{4})(\d{2})(\d{2})$")


def add_months(dates: Dates, months: NDArray[np.integer] | int) -> Dates:
    """The same day ``months`` calendar months later; the last day of the target month where it has no such day.

    So 31 January + 1 month is 28 or 29 February. ``months`` is a whole number or an array of them; NaT stays NaT.
    The way of one public source of the 2026 immunisation schedule (S3); not seen in an official text.
    """
    dates = dates.astype("datetime64[D]")
    start = dates.astype("datetime64[M]")
    target = start + np.asarray(months).astype("timedelta64[M]")
    first = target.astype("datetime64[D]")
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    later: Dates = np.minimum(first + (dates - start.astype("datetime64[D]")), last)
    return later


def completed_months(birth: Dates, on: Dates) -> NDArray[np.float64]:
    """Whole calendar months from ``birth`` to ``on`` (month ends as in :func:`add_months`).

    Negative before birth; NaN where a date is missing.
    """
    birth, on = np.broadcast_arrays(birth.astype("datetime64[D]"), on.astype("datetime64[D]"))
    absent = np.isnat(birth) | np.isnat(on)
    some = np.datetime64("2000-01-01")
    born, at = np.where(absent, some, birth), np.where(absent, some, on)
    months = (at.astype("datetime64[M]") - born.astype("datetime64[M]")).astype(np.int64)
    months -= add_months(born, months) > at
    return np.where(absent, np.nan, months)


def parse_date(text: str) -> datetime.date | None:
    """A date written ``2024-03-01``, ``2024/3/1``, ``2024.3.1`` or ``20240301``, a time after it ignored; else ``None``."""
    found = _WRITTEN.match(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def read_dates(columns: Columns, name: str) -> tuple[Dates, NDArray[np.bool_]]:
    """A column of dates (dates, timestamps or text), and which cells hold something that is not a date.

    An absent column is all NaT; blank cells are NaT and not bad.
    """
    encoded = pa.array(columns.texts(name), type=pa.string()).dictionary_encode()
    written = encoded.dictionary.to_pylist()
    dates = np.array([parse_date(text) for text in written] + [None], dtype="datetime64[D]")
    place = encoded.indices.fill_null(len(written)).to_numpy(zero_copy_only=False)
    bad = np.isnat(dates)
    bad[-1] = False
    return dates[place], bad[place]


def iso_texts(dates: Dates) -> Texts:
    """Dates as ISO text, ``None`` where missing; each different day is written once and shared."""
    days, place = np.unique(dates, return_inverse=True)
    texts = np.datetime_as_string(days.astype("datetime64[D]")).astype(object)
    texts[np.isnat(days)] = None
    written: Texts = texts[place]
    return written
