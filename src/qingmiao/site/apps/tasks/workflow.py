"""The states of a task (`flow.house`), as the site asks for them, and how much one weighs."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from qingmiao.flow import house

OFFICE = house.OFFICE
"""Who opens tasks by hand and verifies what was done."""
ANSWERING = house.ANSWERING
"""Who acts for a unit; nobody does so on another unit's behalf."""
TASK = house.TASK


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """Chinese name."""
        return TASK.state(self).label

    @property
    def label_en(self) -> str:
        """English name."""
        return TASK.state(self).label_en

    @property
    def tone(self) -> str:
        """How a page colours it."""
        return TASK.state(self).tone


class Level(IntEnum):
    """How much it weighs: the office reads the heaviest first."""

    ORDINARY = 1
    IMPORTANT = 2
    URGENT = 3

    @property
    def label(self) -> str:
        """Chinese name."""
        return {1: "一般", 2: "重要", 3: "紧急"}[self.value]

    @property
    def label_en(self) -> str:
        """English name."""
        return {1: "ordinary", 2: "important", 3: "urgent"}[self.value]
