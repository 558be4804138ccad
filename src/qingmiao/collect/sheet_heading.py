"""What the heading above a sheet's figures says in words: 表号, 报告期, 地区. People copy last year's sheet with its
heading."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qingmiao.collect.workbook import WorkbookSheet, cell_of
from qingmiao.kernel.periods import PeriodKind
from qingmiao.kernel.year_texts import YearTextError, read_year

_END = r"(?=\s{2,}|　|(?:填报|报送)单位|地区|报告期|表号|制定机关|$)"
_PERIOD = re.compile(r"(?:报告期|报告年度|统计年度)\s*[:：]\s*(.*?)" + _END)
_AREA = re.compile(r"地区\s*[:：]\s*(.*?)" + _END)
_FORM = re.compile(r"表号\s*[:：]\s*(.*?)" + _END)
_CODED = re.compile(r"(.*?)[(（]\s*([0-9A-Za-z]+)\s*[)）]")


@dataclass(frozen=True)
class SheetHeading:
    """The words as they stand, blanks taken out; "" for what the heading does not say. The cells are where it was
    read."""

    form_no: str = ""
    form_cell: str = ""
    period: str = ""
    period_cell: str = ""
    area_name: str = ""
    area_code: str = ""
    area_cell: str = ""

    def year(self, kind: PeriodKind) -> int | None:
        """The year that the period's words name, counted as `kind` counts it; None where they name none of that
        kind."""
        try:
            return read_year(self.period, kind)
        except YearTextError:
            return None


def read_heading(sheet: WorkbookSheet, rows: int) -> SheetHeading:
    """The heading in the first `rows` rows of a sheet; of what is said twice, the first."""
    found: dict[str, str] = {}
    for i, row in enumerate(sheet.rows[:rows]):
        for j, cell in enumerate(row):
            if not isinstance(cell, str) or len(cell) > 1000:
                continue
            for name, pattern in (("period", _PERIOD), ("area", _AREA), ("form_no", _FORM)):
                said = pattern.search(cell)
                text = "".join(said[1].split()) if said else ""
                if said and not text and j + 1 < len(row):
                    text = "".join(str(_whole(row[j + 1])).split())
                if text and name not in found:
                    found[name], found[f"{name}_cell"] = text, cell_of(i, j)
    area = found.get("area", "")
    coded = _CODED.fullmatch(area)
    return SheetHeading(
        found.get("form_no", ""),
        found.get("form_no_cell", ""),
        found.get("period", ""),
        found.get("period_cell", ""),
        coded[1] if coded else area,
        coded[2] if coded else "",
        found.get("area_cell", ""),
    )


def _whole(cell: object) -> object:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
