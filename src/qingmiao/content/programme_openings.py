"""What opens a case by itself (`opened_by`): an event of a child's or mother's record, or a step of another
programme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source
from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import parse
from qingmiao.content.person_words import dotted_text, value_of
from qingmiao.content.programme_parts import CASE_THINGS

GIVEN = ("name", "sex", "birth_date", "area")
"""Words of a person (`person_words`) that the house fills in where a field of the case is `given` one of them."""
_BARE = re.compile(r"[a-z][a-z0-9_]*")


class OpeningRule(Content):
    """A case is opened where an event of the kind `record` was recorded, or a case of `programme` came to `on` (a step
    or state of it), and `when` is true of what was filled in (unknown is not true).

    `step` is the opening step of this programme that the system takes (`job: true`). `fields`: own field → the field
    there that is taken over, or an expression over what was filled in there (`'code'` for one that is always the same);
    who it is about is filled in by the house. `told`: roles that are told beside those who own the new case's state.
    `ground`: the rule by which this is passed on; a programme's case needs one, as a referral without consent does.
    """

    record: Id | None = None
    programme: Name | None = None
    on: Name | None = None
    label: Label | None = None
    """Which events these are, in words (确诊残疾的), as handbook and pages say it."""
    when: str | None = None
    step: Name
    fields: Mapping[Name, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    told: tuple[Name, ...] = ()
    ground: Source | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.record is None) == (self.programme is None):
            raise ValueError("opened_by 写 record（哪种记录）或者 programme（哪个项目），只写一个")
        if (self.programme is None) != (self.on is None):
            raise MisplacedError("on（对方的环节或状态）和 programme 一起写", at=("on",))
        if self.programme is not None and self.ground is None:
            raise MisplacedError("由别的项目的个案受理，要写依据 ground", at=("programme",))
        return self

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether it is true of what was filled in (`row`: as the expressions of its origin read it)."""
        return self.when is None or self._value(self.when, row) is True

    def values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Own field → value, of those that are known."""
        found = {name: self._value(text, row) for name, text in self.fields.items()}
        return {name: value for name, value in found.items() if value is not None}

    def bare(self, name: str) -> str | None:
        """The field there that is taken over as it is; None where an expression says the value."""
        text = self.fields[name]
        return text if _BARE.fullmatch(text) and text not in ("true", "false", "null") else None

    def _value(self, text: str, row: Mapping[str, Any]) -> Any:
        if _BARE.fullmatch(text) and text in row:
            return row[text]
        if self.record is not None:
            return value_of(text, row)
        return evaluate(parse(dotted_text(text, CASE_THINGS)), row)
