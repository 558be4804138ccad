"""Yearbooks (`yearbooks/`): chapters of tables of indicators, as a county files its yearly statistics of women and
children.

A table has indicators as rows and, as `columns` says, years, townships or the groups of one breakdown across. A table
without `indicators` has all of its chapter's field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault


class YearbookTable(Content):
    """One table. `by`: the breakdown (`columns: groups`) whose groups stand across, in the newest year."""

    id: Name
    label: Label
    columns: Literal["years", "areas", "groups"] = "years"
    by: Name | None = None
    indicators: tuple[Id, ...] = ()
    note: Label | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.columns == "groups") != (self.by is not None):
            raise MisplacedError("columns: groups 要写 by（按哪个分组），其他的不写", at=("by",))
        return self


class YearbookChapter(Content):
    """One chapter; `field`: the field of the plan whose indicators its tables have unless they name others."""

    label: Label
    field: Name | None = None
    tables: Annotated[tuple[YearbookTable, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whose(self) -> Self:
        for n, one in enumerate(self.tables):
            if self.field is None and not one.indicators:
                raise MisplacedError("不写 field 的章，每张表要写 indicators", at=("tables", n, "indicators"))
        return self


class Yearbook(Content):
    """One yearbook: `years` newest years across tables of years."""

    id: Id
    label: Label
    serves: tuple[Id, ...] = ()
    years: Annotated[int, Field(ge=2, le=12)] = 6
    source: Source
    chapters: Annotated[tuple[YearbookChapter, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        ids = [t.id for c in self.chapters for t in c.tables]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"表的 id 重复：{'、'.join(twice)}")
        return self


def rows_of(pack: Pack, chapter: YearbookChapter, table: YearbookTable) -> tuple[Indicator, ...]:
    """The indicators of a table, in its order; of a field: what decides its targets first, as the plan has them."""
    if table.indicators:
        found = [pack.indicators[i] for i in table.indicators if i in pack.indicators]
    else:
        order = {target: n for n, target in enumerate(pack.targets)}
        of = [i for i in pack.indicators.values() if chapter.field in _fields(pack, i)]
        found = sorted(
            of, key=lambda i: (min((order[t] for t in i.implements if t in order), default=len(order)), i.id)
        )
    return tuple(i for i in found if table.by is None or table.by in i.by)


def _fields(pack: Pack, indicator: Indicator) -> set[str]:
    """The fields of what an indicator decides; of what it serves where it decides nothing."""
    named = indicator.implements or (*indicator.informs, *indicator.serves)
    fields = [field.id for element in named if (field := pack.field_of(element)) is not None]
    return set(fields[:1])


def check_yearbooks(pack: Pack) -> Iterator[Fault]:
    """Every field and indicator that a yearbook names is there, and has the breakdown that stands across."""
    fields = {f.id for f in pack.fields}
    for book in pack.entries("yearbooks", Yearbook).values():
        for n, chapter in enumerate(book.chapters):
            at = ("chapters", n)
            if chapter.field is not None and fields and chapter.field not in fields:
                message = f"没有领域「{chapter.field}」"
                hint = near(chapter.field, fields)
                yield fault_at(pack, "yearbooks", book.id, "dangling_id", message, hint, at=(*at, "field"))
            for m, one in enumerate(chapter.tables):
                for k, id_ in enumerate(one.indicators):
                    place = (*at, "tables", m, "indicators", k)
                    if unknown(pack, pack.indicators, id_):
                        message, hint = f"没有指标「{id_}」", near(id_, pack.indicators)
                        yield fault_at(pack, "yearbooks", book.id, "dangling_id", message, hint, at=place)
                    elif one.by is not None and id_ in pack.indicators and one.by not in pack.indicators[id_].by:
                        message, hint = f"指标「{id_}」没有按 {one.by} 分组", f"换一个指标，或者在它的 by 里加 {one.by}"
                        yield fault_at(pack, "yearbooks", book.id, "wrong_value", message, hint, at=place)
