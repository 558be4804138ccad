"""The states of a return (`flow.house`), as the site asks for them."""

from __future__ import annotations

from enum import StrEnum

from qingmiao.flow import house

FILLERS = house.FILLERS
"""Who fills in the returns of their own unit, and nobody else's."""

FLOW = house.RETURNS


class ReturnState(StrEnum):
    """Where a return stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    LOCKED = "locked"

    @property
    def label(self) -> str:
        """Chinese name."""
        return FLOW.state(self).label

    @property
    def label_en(self) -> str:
        """English name."""
        return FLOW.state(self).label_en

    @property
    def tone(self) -> str:
        """How a page colours it: good, warn, bad or "" (beside shape and text)."""
        return FLOW.state(self).tone


EDITABLE = frozenset({ReturnState.DRAFT, ReturnState.SENT_BACK})
FINAL = frozenset({ReturnState.ACCEPTED, ReturnState.LOCKED})
