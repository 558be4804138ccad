"""Reference values: published numbers that ours are compared with."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator

from qingmiao.content.base import Content, Id, Source, Year


class ReferenceValue(Content):
    """One published value of a comparison series.

    `source`: who published it, as it is cited; where it was read (a reprint, an address) stands in the source's note. A
    text alone is the title of the document.
    """

    series: Id
    area: str
    year: Year
    value: float
    unit: str = ""
    source: Source
    note: str = ""

    @field_validator("source", mode="before")
    @classmethod
    def _title(cls, given: Any) -> Any:
        return {"document": given} if isinstance(given, str) else given
