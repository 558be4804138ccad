"""What every content model shares: unknown keys are errors, values are frozen, ids have one form."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

ID_FORM = r"^[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*$"
Id = Annotated[str, Field(pattern=ID_FORM, max_length=80)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Number = Annotated[float, Field(gt=-1e15, lt=1e15, strict=True)]
"""A number of the plan: no quoted text, no truth value, and small enough that a float holds its digits."""


class MisplacedError(ValueError):
    """What a model says of itself as a whole, with the place inside it of the mistake: `at`, keys and numbers."""

    def __init__(self, message: str, *, at: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.at = at


class Content(BaseModel):
    """Base of all content models."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


class Label(Content):
    """A name in Chinese and, where given, in English."""

    zh: Annotated[str, Field(min_length=1)]
    en: str = ""

    def __str__(self) -> str:
        return self.zh


class EvidenceMark(StrEnum):
    """How well a definition or a fact is sourced."""

    OFFICIAL = "official"  # the official text was read
    SEEN = "seen"  # a copy or a page that quotes it was read
    PARTLY_SEEN = "partly_seen"  # name or unit seen, the rest is general knowledge
    GENERAL_KNOWLEDGE = "general_knowledge"  # unverified
    LOCAL = "local"  # a local setting, to be confirmed by the county
    PROPOSAL = "proposal"  # proposed by this project

    @property
    def label(self) -> str:
        """Chinese name."""
        return {
            "official": "官方文本",
            "seen": "见转载",
            "partly_seen": "部分见于来源",
            "general_knowledge": "通行做法，未核实",
            "local": "本地设定，待确认",
            "proposal": "本项目建议，待确认",
        }[self.value]


UNSET_MARKS = frozenset({EvidenceMark.GENERAL_KNOWLEDGE, EvidenceMark.LOCAL, EvidenceMark.PROPOSAL})
"""Marks of what no document has set."""


NUMBER_FORM = re.compile(
    r"[\u4e00-\u9fff]{1,14}〔(19|20)\d{2}〕\d{1,5}号"
    r"|[\u4e00-\u9fff、]{2,40}令第\d{1,4}号"
    r"|(GB|GBZ|DB\d{2}|WS|HJ|JY|MZ|JGJ|CJJ|RB|GA|JT|SB|YY|NY|XF)(/[TZ])? \d{1,6}(\.\d{1,3})?—(19|20)\d{2}"
)
"""Document numbers (GB/T 9704—2012, 7.2.5: 国发〔2021〕16号), numbers of orders (卫生部令第64号), and of standards (GB
3095—2012); a year stands in 〔〕 or behind a dash, a number of a document has no 第 and no leading nought."""


class Source(Content):
    """Where something comes from: who issued it, its title without 《》, its number, and the article or part.

    What is not known stays empty. A source without a title says only that nothing has set it (`evidence`
    general_knowledge, local or proposal).
    """

    authority: str = ""
    document: str = ""
    number: str = ""
    place: str = ""
    url: str = ""
    evidence: EvidenceMark = EvidenceMark.SEEN
    note: str = ""

    @field_validator("number")
    @classmethod
    def _numbered(cls, number: str) -> str:
        if number and (not NUMBER_FORM.fullmatch(number) or re.search(r"〕0|第0", number)):
            raise ValueError(
                f"「{number}」不是文号、令号或标准号；写成 国发〔2021〕16号、卫生部令第64号、GB 3095—2012 这样，"
                "年份用六角括号〔〕或一字线，不知道的不写"
            )
        return number

    @model_validator(mode="after")
    def _titled(self) -> Self:
        if not self.document and self.evidence not in UNSET_MARKS:
            raise ValueError(
                "来源没有写 document（文件名称）；没有文件规定的，evidence 写 general_knowledge、local 或 proposal"
            )
        if not self.document and (self.authority or self.number or self.place):
            raise ValueError("来源写了发文机关、文号或条款，没有写 document（文件名称）")
        return self


class Dated(Content):
    """Something valid from `valid_from` to `valid_to` (both included; empty = open)."""

    valid_from: date | None = None
    valid_to: date | None = None
