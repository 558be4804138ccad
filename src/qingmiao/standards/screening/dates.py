"""Calendar dates as columns: reading, adding months and completed months. No clock: "today" is always passed in.

The rule of months is :mod:`qingmiao.kernel.days`; here it stands for whole columns (tests compare the two day by day).
"""

from __future__ import annotations

import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qingmiao.kernel.day_texts import read_day
from qingmiao.kernel.misread import MisreadError
from qingmiao.standards.columns import Columns, Dates, Texts

__all__ = ["NAT", "Dates", "add_months", "completed_months", "iso_texts", "parse_date", "read_dates"]

NAT = np.datetime64("NaT", "D")
TABLE_FROM, TABLE_DAYS = np.datetime64("1990-01-01", "D"), 25_567
"""First day and number of the days (1990 to 2059) whose later months are looked up where there are `MANY` of them."""
MANY = 10_000


def add_months(dates: Dates, months: NDArray[np.integer] | int) -> Dates:
    """The same day ``months`` calendar months later; the last day of the target month where it has no such day.

    So 31 January + 1 month is 28 or 29 February. ``months`` is a whole number or an array of them; NaT stays NaT.
    :func:`qingmiao.kernel.days.add_months` for columns (Civil Code, art. 202).
    """
    dates = dates.astype("datetime64[D]")
    if isinstance(months, int) and dates.size >= MANY:
        place = (dates - TABLE_FROM).astype(np.int64)
        if place.min() >= 0 and place.max() < TABLE_DAYS:  # NaT is far below
            return _table(months)[place]
    return _added(dates, months)


@lru_cache(maxsize=64)
def _table(months: int) -> Dates:
    """Every day of the table so many months later."""
    return _added(TABLE_FROM + np.arange(TABLE_DAYS).astype("timedelta64[D]"), months)


def _added(dates: Dates, months: NDArray[np.integer] | int) -> Dates:
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
    """A date as :func:`qingmiao.kernel.day_texts.read_day` reads it; ``None`` for anything else."""
    try:
        return read_day(text)
    except MisreadError:
        return None


def read_dates(columns: Columns, name: str) -> tuple[Dates, NDArray[np.bool_]]:
    """A column of dates (dates, timestamps, text, Excel serials) as days in China, and which cells hold something else.

    An absent column is all NaT; blank cells are NaT and not bad.
    """
    return columns.days(name)


def iso_texts(dates: Dates) -> Texts:
    """Dates as ISO text, ``None`` where missing; each different day is written once and shared."""
    days, place = np.unique(dates, return_inverse=True)
    texts = np.datetime_as_string(days.astype("datetime64[D]")).astype(object)
    texts[np.isnat(days)] = None
    written: Texts = texts[place]
    return written
