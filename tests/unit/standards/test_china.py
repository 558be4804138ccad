"""The column form of China's day equals the kernel's, moment for moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from qingmiao.kernel.days import CHINA, china_day
from qingmiao.standards.china import china_days


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Los_Angeles", "+08:00", None])
def test_every_hour_of_years_with_and_without_summer_time(unit: str, zone: str | None) -> None:
    moments: list[Any] = []
    for start in (datetime(1969, 12, 20), datetime(1986, 4, 20), datetime(1991, 8, 20), datetime(2025, 8, 1)):
        moments += [start + timedelta(hours=n) for n in range(24 * 170)]
        moments += [start + timedelta(hours=n, seconds=-1) for n in range(24 * 170)]
    if zone is not None:
        moments = [m.replace(tzinfo=UTC) for m in moments]
    column = pa.array([*moments, None], type=pa.timestamp(unit, tz=zone))
    assert china_days(column).to_pylist() == [*(china_day(m) for m in moments), None]
    chunked = pa.chunked_array([column[:1000], column[1000:]])
    assert china_days(chunked).to_pylist() == china_days(column).to_pylist()


def test_midnights_in_china_stay_their_day() -> None:
    days = [date(1985, 1, 1) + timedelta(days=n) for n in range(4000)]
    column = pa.array([datetime(d.year, d.month, d.day, tzinfo=CHINA) for d in days], pa.timestamp("us", "UTC"))
    assert china_days(column).to_pylist() == days


def test_dates_are_themselves_and_other_types_are_refused() -> None:
    assert china_days(pa.array([date(2025, 9, 1), None], pa.date64())).to_pylist() == [date(2025, 9, 1), None]
    assert china_days(pa.chunked_array([], type=pa.timestamp("us", "UTC"))).type == pa.date32()
    with pytest.raises(TypeError, match="string"):
        china_days(pa.array(["2025-09-01"]))
