"""A form: what a person fills in, as fields from top to bottom. A statistical table is a return, never a form.

A field says its own type, or names a column of a fact table and inherits what it does not say itself (`form_fields`).
Expressions (`show_if`, `required_if`, `compute`, checks) read the fields that stand above and the date of filling.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from qingmiao.content.base import Content, Id, Label, Name, Source

FieldType = Literal[
    "text", "long_text", "integer", "number", "boolean", "date", "time", "datetime", "code", "area", "organisation",
    "person",
    "child", "photo", "file", "signature", "place", "computed", "group", "note",
]  # fmt: skip
Sensitivity = Literal["公开", "内部", "敏感", "核心"]
LEVELS: tuple[Sensitivity, ...] = ("公开", "内部", "敏感", "核心")
"""Levels of sensitivity, from low to high; a field may raise that of its column, never lower it."""
FILLED_ON = "filled_on"
"""The name under which expressions read the date of filling."""
NUMBERS = ("integer", "number")


class Option(Content):
    """One answer to choose: what is stored and what people read."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$", max_length=60)]
    label: Label


class FormCheck(Content):
    """What must not be false: an error blocks, a query asks. A missing answer decides nothing."""

    id: Name
    level: Literal["error", "query"] = "error"
    check: str
    message: Label


class FormField(Content):
    """One field. `required: false`, or `required_if`, lets it stay empty; else it must be answered where it is shown.

    `codes` names a code list, `only` narrows it, `options` are the field's own codes; `multiple` takes several.
    `min`/`max`: range of a number (both allowed), or the rows of a repeated group. `decimals`: a computed number is
    rounded half-up to so many. `correct` are the codes that earn `score` (of several codes: exactly these).
    `given`: a word of `person_words` that the house fills in and nobody types. `usual`: a number outside these two
    (both allowed) is asked about. `concept`: what the field is called elsewhere: `wst` data element of WS 363, `cv`
    value domain of WS 364, `hdsd` of a health record data set, `loinc`. `source`: where its options come from.
    """

    id: Name
    label: Label | None = None
    type: FieldType | None = None
    column: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")] | None = None
    codes: Id | None = None
    only: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    multiple: bool = False
    unit: str = ""
    min: float | None = None
    max: float | None = None
    decimals: Annotated[int, Field(ge=0, le=9)] | None = None
    required: bool | None = None
    required_if: str | None = None
    show_if: str | None = None
    checks: tuple[FormCheck, ...] = ()
    compute: str | None = None
    help: Label | None = None
    sensitivity: Sensitivity | None = None
    correct: tuple[str, ...] = ()
    score: Annotated[float, Field(ge=0, le=1000)] = 0
    repeat: bool = False
    fields: tuple[FormField, ...] = ()
    given: Name | None = None
    usual: tuple[float, float] | None = None
    concept: Mapping[Literal["wst", "cv", "hdsd", "loinc"], str] = Field(default_factory=dict)
    source: Source | None = None

    @field_validator("id")
    @classmethod
    def _free(cls, value: str) -> str:
        if value == FILLED_ON:
            raise ValueError(f"{FILLED_ON} 是填表日期的名字，换一个 id")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for wrong, message in self._slips():
            if wrong:
                raise ValueError(message)
        return self

    def _slips(self) -> Iterator[tuple[bool, str]]:
        group, computed = self.type == "group", self.type == "computed"
        named = self.column is not None
        yield self.type is None and not named, "要写 type，或写 column（事实表.列）由那一列决定"
        yield self.label is None and not named, "要写 label"
        yield group != bool(self.fields), "type: group 要写 fields，其他类型不写"
        yield computed != (self.compute is not None), "type: computed 要写 compute，其他类型不写"
        yield self.repeat and not group, "repeat 只用于 type: group"
        yield group and any(f.type == "group" for f in self.fields), "组里不能再套组"
        yield named and self.type in ("group", "note"), "组和说明不写 column"
        coded = self.type == "code" or (self.type is None and named)
        choosing = self.codes or self.only or self.options or self.multiple or self.correct
        yield bool(choosing) and not coded, "codes、only、options、multiple、correct 只用于 type: code"
        lists = (self.codes is not None) + bool(self.options)
        yield self.type == "code" and not named and lists != 1, "type: code 要写 codes 或 options，只写一个"
        yield (
            named and bool(self.options),
            "写了 column 的字段用那一列的代码表，不写 options；要少几项写 only",
        )
        yield bool(self.score) and not self.correct, "写了 score 就要写 correct"
        twice = _twice(o.code for o in self.options)
        yield bool(twice), f"选项代码重复：{'、'.join(twice)}"
        ranged = self.type in (*NUMBERS, None) or self.repeat
        yield (self.min is not None or self.max is not None) and not ranged, "min、max 只用于数和可重复的组"
        yield None not in (self.min, self.max) and (self.min or 0) > (self.max or 0), "min 不能大于 max"
        yield self.decimals is not None and not computed, "decimals 只用于 type: computed"
        yield self.required is not None and self.required_if is not None, "required 和 required_if 只写一个"
        silent = self.type in ("computed", "group", "note")
        yield (
            silent and (bool(self.required) or self.required_if is not None),
            "计算值、组、说明不写 required",
        )
        yield self.type in ("group", "note") and bool(self.checks), "组和说明不写 checks；写在表单的 checks"
        yield self.usual is not None and self.type not in (*NUMBERS, "computed", None), "usual 只用于数"
        yield self.usual is not None and self.usual[0] > self.usual[1], "usual 的前一个数不能大于后一个"
        yield self.given is not None and self.type in ("computed", "group", "note"), "given 只用于要填的字段"

    @property
    def always_required(self) -> bool:
        """Whether it must be answered wherever it is shown."""
        if self.type in ("computed", "group", "note"):
            return False
        return self.required_if is None if self.required is None else self.required

    @property
    def every_check(self) -> tuple[FormCheck, ...]:
        """Its checks, with the query that `usual` stands for."""
        if self.usual is None:
            return self.checks
        low, high = (format(x, ".15g") for x in self.usual)
        asked = FormCheck(
            id=f"{self.id}_usual", level="query", check=f"{self.id} between {low} and {high}",
            message=Label(zh=f"「{self.words}」在 {low}～{high}{self.unit} 以外，请核对数值和单位",
                          en=f"Outside {low} to {high} {self.unit}: please check the value and its unit"),
        )  # fmt: skip
        return (*self.checks, asked)

    @property
    def words(self) -> str:
        """The Chinese label, for messages; the id where it has none."""
        return self.label.zh if self.label is not None else self.id


class Publishes(Content):
    """Which columns of the form's fact table a survey fills besides those that fields name.

    The table's key, area, day, version and retraction are filled with the receipt, the place and day of answering, the
    day of publishing, and whether the answer was withdrawn. `constants`: column → value of every row.
    """

    constants: Mapping[Name, str] = Field(default_factory=dict)
    score: Name | None = None
    passed: Name | None = None
    weight: Name | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names."""
        return (*self.constants, *(c for c in (self.score, self.passed, self.weight) if c is not None))


class Form(Content):
    """A questionnaire (`purpose: survey`), an evidence form (`evidence`), or a record of daily work (`record`).

    `version` grows by one with every change of a field; an answer keeps the version that it was given to.
    """

    id: Id
    version: Annotated[int, Field(ge=1, le=9999)]
    label: Label
    purpose: Literal["survey", "evidence", "record"]
    population: str = ""
    sampling: str = ""
    fields: Annotated[tuple[FormField, ...], Field(min_length=1)]
    checks: tuple[FormCheck, ...] = ()
    pass_score: float | None = None
    fact: Name | None = None
    """The fact table the answers go to."""
    publishes: Publishes | None = None
    """What a survey with this form fills of that table."""
    roles: tuple[Id, ...] = ()
    """Who runs a survey with it; the committee office where nobody is named."""
    open: bool = False
    """It may be answered by a link or QR code, without login."""
    personal: str = ""
    """Why, and by what right, an open form asks for personal data; without it none is asked."""
    serves: tuple[Id, ...] = ()
    source: Source
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _written_before_fields(cls, data: object) -> object:
        if isinstance(data, Mapping) and "questions" in data and "fields" not in data:
            raise ValueError(
                "questions 已改为 fields：加 version: 1，每题写 id、label: {zh: 题目}、type，选项写成代码加标签"
                "（见 docs/how-to/make-a-form.md）"
            )
        return data

    @model_validator(mode="after")
    def _unique(self) -> Self:
        twice = _twice(f.id for f in self.all_fields())
        if twice:
            raise ValueError(f"字段 id 重复：{'、'.join(twice)}")
        checks = [*self.checks, *(c for f in self.all_fields() for c in f.every_check)]
        if twice := _twice(c.id for c in checks):
            raise ValueError(f"审核 id 重复：{'、'.join(twice)}")
        return self

    def all_fields(self) -> tuple[FormField, ...]:
        """Every field from top to bottom, a group before what is in it."""
        return tuple(x for f in self.fields for x in (f, *f.fields))


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({n for n in listed if listed.count(n) > 1})
