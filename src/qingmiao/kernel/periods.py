"""The years that Chinese child statistics count in.

- calendar_year 2024: 2024-01-01 … 2024-12-31.
- school_year 2024: 2024-09-01 … 2025-08-31 (学年 2024—2025; the education returns are taken at its start).
- mch_year 2024: 2023-10-01 … 2024-09-30 (the maternal-and-child health year, 全国妇幼卫生调查制度).
- year_end 2024: the state on 2024-12-31; rows dated within the year count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PeriodKind(StrEnum):
    """How a date falls into a year."""

    CALENDAR_YEAR = "calendar_year"
    SCHOOL_YEAR = "school_year"
    MCH_YEAR = "mch_year"
    YEAR_END = "year_end"

    @property
    def label(self) -> str:
        """Chinese name."""
        return {
            "calendar_year": "日历年度",
            "school_year": "学年",
            "mch_year": "妇幼卫生年度",
            "year_end": "年末",
        }[self.value]

    @property
    def first_month(self) -> int:
        """The month in which the year begins (1, 9 or 10)."""
        return {"calendar_year": 1, "school_year": 9, "mch_year": 10, "year_end": 1}[self.value]

    def year_of(self, day: date) -> int:
        """The year in which `day` is counted."""
        if self is PeriodKind.SCHOOL_YEAR:
            return day.year if day.month >= 9 else day.year - 1
        if self is PeriodKind.MCH_YEAR:
            return day.year + 1 if day.month >= 10 else day.year
        return day.year


@dataclass(frozen=True, order=True)
class Period:
    """One year of one kind, for example ``Period(PeriodKind.MCH_YEAR, 2024)``. Years 1900–2200."""

    kind: PeriodKind
    year: int

    def __post_init__(self) -> None:
        if not 1900 <= self.year <= 2200:
            raise ValueError(f"year {self.year} is outside 1900–2200")

    @property
    def start(self) -> date:
        """First day."""
        if self.kind is PeriodKind.MCH_YEAR:
            return date(self.year - 1, 10, 1)
        return date(self.year, self.kind.first_month, 1)

    @property
    def end(self) -> date:
        """Last day."""
        if self.kind is PeriodKind.SCHOOL_YEAR:
            return date(self.year + 1, 8, 31)
        if self.kind is PeriodKind.MCH_YEAR:
            return date(self.year, 9, 30)
        return date(self.year, 12, 31)

    @property
    def written(self) -> str:
        """As a form's heading says it: 2024年, 2024年末, 2024—2025学年, 2024年度（2023年10月—2024年9月）."""
        if self.kind is not PeriodKind.MCH_YEAR:
            return str(self)
        return f"{self.year}年度（{self.year - 1}年10月—{self.year}年9月）"

    def __str__(self) -> str:
        if self.kind is PeriodKind.SCHOOL_YEAR:
            return f"{self.year}—{self.year + 1}学年"
        return f"{self.year}年" if self.kind is not PeriodKind.YEAR_END else f"{self.year}年末"
