"""Turns the assessment of a run into what the report tells."""

from __future__ import annotations

from qingmiao.content import Pack
from qingmiao.report.findings import Findings


def findings_from(assessment: object, pack: Pack, year: int) -> Findings:
    """The findings of an assessment."""
    raise TypeError(f"cannot tell {type(assessment).__name__}")
