"""Areas as a pack lists them: code, name, level, parent, when they exist, and what happened to them
(docs/how-to/make-a-pack.md)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, Name, Source
from qingmiao.kernel.area_history import AreaChange, ChangeKind
from qingmiao.kernel.areas import AreaLevel, AreaNode, AreaTree

AreaCode = Annotated[
    str, Field(pattern=r"^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$|^\d{12}$|^[A-Z]{2,3}$", max_length=12)
]


class Validity(Content):
    """The days on which an area exists, or belongs to a group, both included; empty = open."""

    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"valid 的 from {self.first} 晚于 to {self.last}")
        return self

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class ChangeItem(Content):
    """Something that happened to the area under which it stands; `from` and `to` are that area unless written."""

    day: date = Field(alias="date")
    kind: ChangeKind
    before: tuple[AreaCode, ...] = Field(default=(), alias="from")
    after: tuple[AreaCode, ...] = Field(default=(), alias="to")
    below: bool = False
    """Recoded: the codes of the areas below change their first digits with it."""
    shares: dict[AreaCode, Annotated[float, Field(gt=0, lt=1)]] = {}
    """Split: the part of what was counted before that each new area gets; needs a source."""
    was: str = ""
    """Renamed: the old name."""
    source: Source | None = None
    note: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind in (ChangeKind.RENAMED, ChangeKind.RECODED) and max(len(self.before), len(self.after)) > 1:
            raise ValueError(f"{self.kind.value}（{self.kind.label}）的 from、to 各写一个代码")
        if self.kind is ChangeKind.MOVED and max(len(self.before), len(self.after)) > 1:
            raise ValueError("moved（划转）的 from、to 各写一个代码；一次划转几地就写几条")
        if self.below and self.kind is not ChangeKind.RECODED:
            raise ValueError("below 只用于 recoded（换代码）")
        if self.shares and (self.kind is not ChangeKind.SPLIT or self.source is None):
            raise ValueError("shares（分设后各占多少）只用于 split，并要写 source")
        if self.shares and abs(sum(self.shares.values()) - 1) > 1e-6:
            raise ValueError(f"shares 合计应为 1，现在是 {sum(self.shares.values()):g}")
        if self.was and self.kind is not ChangeKind.RENAMED:
            raise ValueError("was（原名）只用于 renamed（更名）")
        return self


class Tile(Content):
    """Where an area stands on its county's schematic map: column from the west, row from the north, from 1."""

    column: Annotated[int, Field(ge=1, le=12)]
    row: Annotated[int, Field(ge=1, le=12)]


class AreaItem(Content):
    """One area of the pack (see `qingmiao.kernel.areas`)."""

    code: AreaCode
    name: str
    level: AreaLevel
    parent: str | None = None
    attributes: dict[Name, str] = {}
    kind: str = ""
    valid: Validity = Validity()
    changes: tuple[ChangeItem, ...] = ()
    tile: Tile | None = None
    """Its place on the equal-tile map of pages; no measure of position or size (docs/how-to/make-a-pack.md)."""
    source: Source | None = None
    note: str = ""

    @property
    def history(self) -> tuple[AreaChange, ...]:
        """The changes with their codes filled in."""
        return tuple(
            AreaChange(
                c.day,
                c.kind,
                c.before or (self.code,),
                c.after or (() if c.kind is ChangeKind.ABOLISHED else (self.code,)),
                c.below,
                tuple(sorted(c.shares.items())),
                c.was,
            )
            for c in self.changes
        )


class Membership(Content):
    """One area of a named group, and from when to when it belongs to it."""

    area: AreaCode
    valid: Validity = Validity()


class AreaGroup(Content):
    """Areas that a plan names together though they are no administrative area (沿河四镇). Members: codes, or dated
    entries."""

    id: Id
    label: Label
    members: Annotated[tuple[AreaCode | Membership, ...], Field(min_length=1)]
    source: Source | None = None
    note: str = ""

    def on(self, day: date) -> tuple[str, ...]:
        """The codes of the members on a day, in the order of the pack."""
        found = []
        for member in self.members:
            if isinstance(member, str):
                found.append(member)
            elif member.valid.holds(day):
                found.append(member.area)
        return tuple(found)


def tree_of(items: tuple[AreaItem, ...]) -> AreaTree:
    """The areas as a tree, with what happened to them. Raises ValueError for unknown or circular parents."""
    return AreaTree(
        tuple(
            AreaNode(
                a.code,
                a.name,
                a.level,
                a.parent,
                tuple(sorted(a.attributes.items())),
                a.valid.first,
                a.valid.last,
            )
            for a in items
        ),
        tuple(dict.fromkeys(c for a in items for c in a.history)),
    )
