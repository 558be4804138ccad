"""``--year`` as people write it (2024、2024年、2023—2024学年), read by the one reader of years."""

from __future__ import annotations

from qingmiao.kernel.errors import UserError
from qingmiao.kernel.periods import PeriodKind
from qingmiao.kernel.year_texts import YearTextError, read_year

EARLIEST, LATEST = 1949, 2199
"""The years that can be monitored."""


def asked_year(text: str, kind: PeriodKind | None = None) -> int:
    """The year that ``--year`` names, counted as `kind` counts it. Raises UserError saying how to write it."""
    try:
        year = read_year(text, kind)
    except YearTextError as e:
        raise UserError(f"--year：{e.message}；{e.hint}") from None
    if not EARLIEST <= year <= LATEST:
        raise UserError(f"--year：年份「{text}」不在 {EARLIEST}—{LATEST} 之间")
    return year
