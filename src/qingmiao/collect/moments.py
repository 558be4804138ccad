"""Moments of a column as days of China and the times of those days, whatever the machine's time zone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from qingmiao.standards.china import china_days

DAY = 86_400_000_000
"""Microseconds of a day."""
_AHEAD = 8 * 3_600_000_000
_PER_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}


def days_and_clocks(moments: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Days (``date32``) and microseconds of the day (``int64``) in China of an Arrow timestamp column of any unit.

    Both are missing where the moment is, or lies outside what a day can be.
    """
    days = china_days(moments)
    known = days.is_valid().to_numpy(zero_copy_only=False)
    counts = moments.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    unit = moments.type.unit
    counts = np.where(known, counts, 0)
    instants = counts // 1_000 if unit == "ns" else counts * _PER_UNIT[unit]
    if moments.type.tz is not None:
        instants = instants + _AHEAD
    day = days.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    clock = np.maximum(instants - day * DAY, 0)  # the midnight of a day of summer time was written as 23:00 before
    return days, pa.array(clock, mask=~known)
