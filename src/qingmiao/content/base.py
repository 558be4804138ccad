"""What every content model shares: unknown keys are errors, values are frozen, ids have one form."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

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


class Source(Content):
    """Where something comes from."""

    document: Annotated[str, Field(min_length=1)]
    place: str = ""
    url: str = ""
    evidence: EvidenceMark = EvidenceMark.SEEN
    note: str = ""


class Dated(Content):
    """Something valid from `valid_from` to `valid_to` (both included; empty = open)."""

    valid_from: date | None = None
    valid_to: date | None = None
