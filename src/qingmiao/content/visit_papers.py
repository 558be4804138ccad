"""The papers of an inspection (检查文书): the record, the order to put right, the opinion of the re-check, the letter by
which it is passed on. Adding one is one file in `visit_papers/`; a county's file of the same id takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Label, MisplacedError, Name, Source
from qingmiao.content.programme_parts import SIGNS

PaperWhen = Literal["recorded", "ordered", "rechecked", "transferred"]
"""From when there is the paper: the record was handed in, an order given, something re-checked, the visit passed on."""
PaperBox = Literal[
    "checklist", "place", "township", "unit", "inspectors", "method", "visited", "responsible", "asked", "result",
    "opinion", "receiver",
]  # fmt: skip
"""What a box shows; `asked`: a box each for what the checklist asks before its items."""
PaperRows = Literal["items", "findings", "ordered", "left"]
"""The rows of a table: every item; every finding; those with a time to put right; those that are not put right yet."""
ItemCell = Literal["item", "grade", "value", "limit", "verdict", "remark"]
FindingCell = Literal["finding", "severity", "remark", "due", "rechecked"]
CELLS: Mapping[str, tuple[str, ...]] = {
    "items": ("item", "grade", "value", "limit", "verdict", "remark"),
    "findings": ("finding", "severity", "remark", "due", "rechecked"),
}
"""What a row of items, and one of findings, can show."""


class PaperField(Content):
    """A box of a paper; `asked` has the labels of what was asked."""

    shows: PaperBox
    label: Label | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.label is None) != (self.shows == "asked"):
            raise MisplacedError("每一栏写 label；asked（检查单先问的）按检查单的名称，不写 label", at=("label",))
        return self


class PaperColumn(Content):
    """A column of a table."""

    shows: ItemCell | FindingCell
    label: Label


class PaperTable(Content):
    """A table of a paper."""

    rows: PaperRows
    label: Label
    columns: Annotated[tuple[PaperColumn, ...], Field(min_length=1, max_length=8)]

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        fitting = CELLS["items" if self.rows == "items" else "findings"]
        for n, column in enumerate(self.columns):
            if column.shows not in fitting:
                message = f"这张表的列可以是：{'、'.join(fitting)}"
                raise MisplacedError(message, at=("columns", n, "shows"))
        return self


class VisitPaper(Content):
    """One paper. `to`: to whom it goes (nobody; the unit that puts right; the unit that it is passed on to); `lead`: a
    sentence over the boxes, in which {to} and {place} stand for both. `source`: the document whose layout it follows;
    without one it says that the official layout, where there is one, goes before it.
    """

    id: Name
    label: Label
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    when: PaperWhen
    to: Literal["nobody", "responsible", "receiver"] = "nobody"
    lead: Label | None = None
    boxes: Annotated[tuple[PaperField, ...], Field(min_length=1)]
    tables: tuple[PaperTable, ...] = ()
    signs: Annotated[tuple[Label, ...], Field(min_length=1)] = SIGNS
    source: Source | None = None

    @model_validator(mode="after")
    def _said(self) -> Self:
        for text in (self.lead.zh, self.lead.en or "") if self.lead is not None else ():
            try:
                text.format(to="", place="")
            except (KeyError, IndexError, ValueError):
                raise MisplacedError("lead 的花括号里只能写 to 或 place", at=("lead",)) from None
        return self
