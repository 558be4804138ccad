"""The types of the interface: days that are texts, numbers that fit the database, pages, what a write answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from ninja import Header, Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from qingmiao.flow import State, Step
from qingmiao.site.web.api.rest.problems import RestError

R = TypeVar("R")
MOST = 200
"""Entries of a page at most."""
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _text_only(value: Any) -> Any:
    """A day is a text: a number is none (pydantic would read it as seconds since 1970)."""
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("date_text", "a day is written 2024-05-31")


Day = Annotated[date, BeforeValidator(_text_only)]
Number = Annotated[int, Path(..., ge=1, le=999_999_999, description="编号。The number of one thing.")]
Named = Annotated[str, Path(..., max_length=80, description="标识。The id of one thing.")]
# Queries are said by `Field`: an object of ninja's own (`Query`) would keep the default of the last one that shares it.
After = Annotated[str, Field(max_length=200, description="上一页给出的 following。The mark that the page before gave.")]
Size = Annotated[int, Field(ge=1, le=MOST, description="每页多少条。Entries a page.")]
YearAsked = Annotated[int | None, Field(ge=1900, le=2200, description="年份。A year.")]
OperationId = Annotated[
    str,
    Header(
        ..., alias="X-Operation-Id", pattern=r"^[A-Za-z0-9_\-]{8,64}$",
        description="这次写入的编号，由调用方生成；同一编号再次到达不再写入。The caller's own id of this write: "
        "a second arrival changes nothing.",
    ),
]  # fmt: skip
VersionSeen = Annotated[int, Field(ge=0, le=999_999_999, title="看到的版本")]
Words = Annotated[str, Field(max_length=4000)]


class ShapeGiven(BaseModel):
    """What the interface gives."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class ShapeTaken(BaseModel):
    """What the interface takes: nothing is guessed, nothing unknown is let pass."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class PageShape(ShapeGiven):
    """A page of a list."""

    following: Annotated[str, Field(title="下一页")]
    """The mark of the next page, sent as `after`; empty on the last."""


class WrittenShape(ShapeGiven):
    """A write that was done."""

    href: Annotated[str, Field(title="地址")]
    """Where the thing stands now."""
    again: Annotated[bool, Field(title="重复到达")]
    """The same operation had been done before; nothing was changed now."""


class StateShape(ShapeGiven):
    """Where a thing stands."""

    name: Annotated[str, Field(title="状态")]
    """Its id."""
    zh: Annotated[str, Field(title="中文")]
    """Its name in Chinese."""
    en: Annotated[str, Field(title="英文")]
    """Its name in English."""


class AskedShape(ShapeGiven):
    """A text that a step asks for."""

    name: Annotated[str, Field(title="名称")]
    """The key under which it is sent in `said`."""
    zh: Annotated[str, Field(title="中文")]
    """What it is called."""
    optional: Annotated[bool, Field(title="可以不写")]
    """It may be left out."""


class StepShape(ShapeGiven):
    """A step that this account may take now."""

    name: Annotated[str, Field(title="步骤")]
    """Its id, sent as `step`."""
    zh: Annotated[str, Field(title="中文")]
    """Its name in Chinese."""
    en: Annotated[str, Field(title="英文")]
    """Its name in English."""
    asks: Annotated[list[AskedShape], Field(title="要写什么")]
    """What must be said with it."""


def state_of(state: State) -> StateShape:
    """A state of a flow."""
    return StateShape(name=state.name, zh=state.label, en=state.label_en)


def steps_of(steps: Sequence[Step]) -> list[StepShape]:
    """Steps of a flow."""
    return [
        StepShape(
            name=s.name, zh=s.label, en=s.label_en,
            asks=[AskedShape(name=a.name, zh=a.label, optional=a.optional) for a in s.asks],
        )
        for s in steps
    ]  # fmt: skip


def moment(at: datetime | None) -> str:
    """A moment as ISO 8601; empty for none."""
    return at.isoformat(timespec="seconds") if at is not None else ""


@contextmanager
def marks() -> Iterator[None]:
    """Around what raises ValueError for a mark that no page has given: then the caller is told so."""
    try:
        yield
    except ValueError:
        raise RestError(422, "after 要原样写上一页给出的 following；从头读取时不写") from None


def page(rows: Sequence[R], key: Callable[[R], str], *, after: str, size: int) -> tuple[list[R], str]:
    """A page of what is held in memory in one order: what stands behind the entry `after`, and the mark of the next.

    Raises RestError for a mark that names no entry.
    """
    with marks():
        start = [key(r) for r in rows].index(after) + 1 if after else 0
    found = list(rows[start : start + size])
    return found, key(found[-1]) if len(rows) > start + size else ""


def whole_mark(text: str) -> int:
    """A number inside a mark. Raises ValueError for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError(text)
    return int(text)
