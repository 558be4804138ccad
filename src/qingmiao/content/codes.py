"""Code lists: what a coded column may say, in words."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, Source


class CodeItem(Content):
    """One code with its label; `parent` nests."""

    code: str
    label: Label
    parent: str | None = None


class CodeList(Content):
    """A list of codes."""

    id: Id
    label: Label
    items: Annotated[tuple[CodeItem, ...], Field(min_length=1)]
    source: Source | None = None

    @model_validator(mode="after")
    def _unique(self) -> Self:
        codes = [i.code for i in self.items]
        twice = sorted({c for c in codes if codes.count(c) > 1})
        if twice:
            raise ValueError(f"代码重复：{'、'.join(twice)}")
        return self

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes in order."""
        return tuple(i.code for i in self.items)
