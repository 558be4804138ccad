"""The flow of an edition of a report: the one table that says what may follow what."""

from __future__ import annotations

from enum import StrEnum

from qingmiao.flow import house

WRITERS = house.WRITERS

FLOW = house.REPORT


class EditionState(StrEnum):
    """Where an edition stands."""

    MAKING = "making"
    FAILED = "failed"
    DRAFT = "draft"
    PREPARING = "preparing"
    REVIEW = "review"
    RELEASED = "released"

    @property
    def label(self) -> str:
        """Chinese name."""
        return FLOW.state(self).label

    @property
    def label_en(self) -> str:
        """English name."""
        return FLOW.state(self).label_en
