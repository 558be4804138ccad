"""Reference values: published numbers that ours are compared with."""

from __future__ import annotations

from qingmiao.content.base import Content, Id, Year


class ReferenceValue(Content):
    """One published value of a comparison series."""

    series: Id
    area: str
    year: Year
    value: float
    unit: str = ""
    source: str
    note: str = ""
