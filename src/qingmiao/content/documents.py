"""Kinds of documents that a county records beside its figures: plans, checks, meetings … Adding one is one file in `documents/`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, Name, Source


class Document(Content):
    """One kind of document.

    `recorded_by`: the roles that record it. A `signed` one is its unit's own: the unit's leader signs it, the committee office
    reviews it; every other stands at once. `order`: where it stands among the others, low first.
    """

    id: Annotated[Name, Field(max_length=60)]
    label: Label
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    recorded_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    text: Label
    """What its text is called."""
    signed: bool = False
    scored: bool = False
    """It has a score from 0 to 100: given when a signed one is reviewed, else when it is recorded."""
    people: Label | None = None
    """What the count of people means; without it none is asked for."""
    about_unit: bool = False
    """It concerns another unit than the one that records it (a check)."""
    decides: bool = False
    """It has decisions (议定事项, 整改要求), one a line, each of which may become a task."""
    serves: tuple[Id, ...] = ()
    source: Source | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.signed and (self.about_unit or self.decides):
            raise ValueError("signed（单位自己的文书）不能同时写 about_unit 或 decides")
        return self
