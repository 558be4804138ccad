"""Columns of dates and moments as days in China: the column twin of :func:`qingmiao.kernel.days.china_day`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.kernel.days import SUMMER_TIME

_SECOND = 1_000_000_000
_DAY = 86_400 * _SECOND
_AHEAD = 8 * 3_600 * _SECOND
_PER_UNIT = {"s": _SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}
_SUMMER = tuple(
    (np.datetime64(first, "D").astype(np.int64), np.datetime64(last, "D").astype(np.int64))
    for first, last in SUMMER_TIME
)


def china_days(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """A date or timestamp column as ``date32`` days in China, whatever the machine's time zone; null stays null.

    A timestamp without a zone is China's as it stands (its time is cut off); one with a zone is an instant and is put
    on China's clock, so UTC 16:00 of 31 August is 1 September. Other types raise TypeError. Chunks stay chunks.
    """
    kind = values.type
    if pa.types.is_date(kind):
        return values.cast(pa.date32())
    if not pa.types.is_timestamp(kind):
        raise TypeError(f"{kind} is neither a date nor a timestamp")
    if isinstance(values, pa.ChunkedArray):
        return pa.chunked_array([china_days(chunk) for chunk in values.chunks], type=pa.date32())
    per_day = _DAY // _PER_UNIT[kind.unit]
    instants = values.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    if kind.tz is None:
        days = instants // per_day
    else:
        shifted = instants + _AHEAD // _PER_UNIT[kind.unit]
        days = shifted // per_day
        eve = np.flatnonzero(shifted - days * per_day == per_day // 24 * 23)
        following = days[eve] + 1
        summer = np.zeros(len(eve), dtype=bool)
        for first, last in _SUMMER:
            summer |= (following > first) & (following <= last)
        days[eve[summer]] += 1
    inside = np.abs(days) < 2**31
    found = pa.array(np.where(inside, days, 0).astype(np.int32)).cast(pa.date32())
    return pc.if_else(pc.and_(values.is_valid(), pa.array(inside)), found, pa.scalar(None, pa.date32()))
