"""Frameworks (`frameworks/`): indicators of others (the national outline's, the SDGs') and which of ours they match.

A framework says its own codes and words with their source; which of ours corresponds is our judgement, and how closely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Label, Name, Source
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault


class Fit(StrEnum):
    """How closely an indicator of ours measures what an entry says."""

    SAME = "same"
    CLOSE = "close"
    PART = "part"

    @property
    def label(self) -> str:
        """Chinese name."""
        return {"same": "口径相同", "close": "口径相近", "part": "只反映其中一部分"}[self.value]

    @property
    def label_en(self) -> str:
        """English name."""
        return {"same": "same definition", "close": "close", "part": "a part of it"}[self.value]


class FrameworkEntry(Content):
    """One indicator of a framework. `ours`: indicator of ours → how closely it fits."""

    code: Annotated[str, Field(min_length=1)]
    label: Label
    ours: Mapping[str, Fit] = Field(default_factory=dict)
    note: str = ""


class Framework(Content):
    """Indicators of somebody else. `type`: the word for it in SDMX annotations (SDG)."""

    id: Name
    label: Label
    type: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    source: Source
    entries: Annotated[tuple[FrameworkEntry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        codes = [entry.code for entry in self.entries]
        if twice := sorted({c for c in codes if codes.count(c) > 1}):
            raise ValueError(f"代码重复：{'、'.join(twice)}")
        return self


@dataclass(frozen=True)
class FrameworkMatch:
    """An entry that an indicator of ours matches, and how closely."""

    framework: Framework
    entry: FrameworkEntry
    fit: Fit


def matches_of(pack: Pack, indicator: str) -> list[FrameworkMatch]:
    """The entries of all frameworks that an indicator matches, in their order."""
    return [
        FrameworkMatch(framework, entry, entry.ours[indicator])
        for framework in pack.entries("frameworks", Framework).values()
        for entry in framework.entries
        if indicator in entry.ours
    ]


def check_frameworks(pack: Pack) -> Iterator[Fault]:
    """Every indicator that a framework names is there."""
    for id_, framework in pack.entries("frameworks", Framework).items():
        for n, entry in enumerate(framework.entries):
            for name in entry.ours:
                if name not in pack.indicators and unknown(pack, pack.indicators, name):
                    at: tuple[str | int, ...] = ("entries", n, "ours", name)
                    hint = near(name, pack.indicators)
                    yield fault_at(pack, "frameworks", id_, "dangling_id", f"没有指标「{name}」", hint, at=at)
