"""Sheets (`sheets/`): the layout of a list that comes as Excel or CSV, one row a child, and becomes records of a kind.

A new layout is one file here; the engine (`collect.child_sheets`) reads any. Columns are found by their headings,
wherever they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, get_args

from pydantic import ConfigDict, Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source

PersonWord = Literal[
    "name", "sex", "birth", "number", "certificate", "school_class", "grade", "school", "mother", "mother_number",
    "mother_phone", "area", "village",
]  # fmt: skip
"""What a column says of who the child is; the grade and the class only help a person to tell two children apart, the
mother's name and number tell a newborn, and with the area and the village make its file (`ListLayout.registers`)."""
IDENTIFYING = frozenset({"birth", "number", "certificate"})
"""Without one of them nobody knows which child is meant."""
REGISTERING = ("sex", "birth", "mother", "area")
"""What a list says at least that makes files."""
PERSON_WORDS: frozenset[str] = frozenset(get_args(PersonWord))


class ListColumn(Content):
    """One column. `also`: other headings of it; `is`: what it says of who the child is; `field`: the form's field.

    `codes`: text of the cell → code; `factor`: the form's number is the cell's times this; `time`: minutes and seconds
    as people write them (3'45") become seconds; `blank`: the answer of an empty or missing cell; `required`: the
    column must be there. A column may say both, or neither: then it is known and passed over.
    """

    model_config = ConfigDict(**Content.model_config, populate_by_name=True)

    heading: Annotated[str, Field(min_length=1, max_length=60)]
    also: tuple[str, ...] = ()
    says: Annotated[PersonWord | None, Field(alias="is")] = None
    field: Name | None = None
    codes: Mapping[str, str] = Field(default_factory=dict)
    factor: Decimal | None = None
    time: bool = False
    blank: str | None = None
    required: bool = False

    @model_validator(mode="after")
    def _one_use(self) -> Self:
        if self.field is None and (self.factor is not None or self.time or self.blank is not None):
            raise MisplacedError("factor、time、blank 只和 field 一起写", at=("field",))
        if self.factor is not None and (self.time or self.factor <= 0):
            raise MisplacedError("factor 应大于 0，不和 time 一起写", at=("factor",))
        return self

    def every_heading(self) -> tuple[str, ...]:
        """The heading and its other names."""
        return (self.heading, *self.also)


class ListLayout(Content):
    """One layout. `record`: the kind of record that a row becomes; `asked`: fields that are asked once for the whole
    file; `fixed`: field → answer of every row; `out`: lists in this layout are written too; `registers`: a row whose
    child has no file makes one."""

    id: Name
    label: Label
    record: Name
    columns: Annotated[tuple[ListColumn, ...], Field(min_length=1)]
    asked: tuple[Name, ...] = ()
    fixed: Mapping[Name, str] = Field(default_factory=dict)
    out: bool = False
    registers: bool = False
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    source: Source
    serves: tuple[Id, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for wrong, message, at in self._slips():
            if wrong:
                raise MisplacedError(message, at=(at,))
        return self

    def _slips(self) -> Iterator[tuple[bool, str, str]]:
        headings = [h for c in self.columns for h in c.every_heading()]
        says = [str(c.says) for c in self.columns if c.says is not None]
        fields = [c.field for c in self.columns if c.field is not None]
        for what, names in (("表头", headings), ("is ", says), ("field ", fields)):
            twice = sorted({str(n) for n in names if names.count(n) > 1})
            yield bool(twice), f"{what}重复：{'、'.join(twice)}", "columns"
        yield "name" not in says, "要有一列 is: name（姓名）", "columns"
        known = "要有出生日期（is: birth）、证件号码（is: number）或出生医学证明编号（is: certificate）一列"
        yield not IDENTIFYING & set(says), known, "columns"
        lacking = [word for word in REGISTERING if word not in says] if self.registers else []
        yield bool(lacking), f"registers 要给没有档案的儿童建档，还要有列：{'、'.join(lacking)}（is）", "registers"
        more = sorted(set(fields) & set(self.asked) | set(fields) & set(self.fixed) | set(self.asked) & set(self.fixed))
        yield bool(more), f"同一个字段写了两处：{'、'.join(more)}", "columns"

    def column_of(self, says: str) -> ListColumn | None:
        """The column that says this of the child."""
        return next((c for c in self.columns if c.says == says), None)
