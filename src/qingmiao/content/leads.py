"""Leads: which unit is responsible for what in the plan, from when to when."""

from __future__ import annotations

from pydantic import Field

from qingmiao.content.base import Dated, EvidenceMark, Id


class Lead(Dated):
    """Which unit leads (and which co-operate on) a goal, measure or target, from when to when."""

    of: Id
    lead: Id
    with_units: tuple[Id, ...] = Field(default=(), alias="with")
    evidence: EvidenceMark
    document: str = ""
