"""The five-kind disability screening flow for ages 0–6 (残联厅发〔2013〕8号, as quoted by secondary pages).

First screen at the township or village, second screen at the county's maternal and child health hospital, diagnosis at
a designated hospital, then registration and rehabilitation. Time limits between the stages are in no source seen: they
are local settings and not part of this module.
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from qingmiao.standards import norm_tables
from qingmiao.standards.columns import Codes

KINDS = ("vision", "hearing", "limb", "intellect", "autism")


class Stage(Enum):
    """Where a child is in the flow; values are the stage names of ``disability_screening_flow.csv``."""

    FIRST_SCREEN = "first_screen"
    SECOND_SCREEN = "second_screen"
    DIAGNOSIS = "diagnosis"
    REHABILITATION = "rehabilitation"
    CLEAR = "clear"
    """Some stage found nothing: back to the routine checks."""


class Result(Enum):
    """What a stage found."""

    NONE_YET = "none_yet"
    PASSED = "passed"
    SUSPECTED = "suspected"


STAGES: tuple[Stage, ...] = tuple(Stage)
RESULTS: tuple[Result, ...] = tuple(Result)


def next_stage(first: Codes, second: Codes, diagnosis: Codes) -> Codes:
    """Stage each of n children (one kind of disability) is to go to: position in :data:`STAGES`.

    Arguments are positions in :data:`RESULTS`, -1 for an unreadable one (answers -1). A later stage counts only after
    the earlier one was suspected, but for the diagnosis: one that is there decides, however the child came to it.
    """
    unreadable = (first < 0) | (second < 0) | (diagnosis < 0)
    return np.select(
        [
            unreadable, diagnosis == 2, diagnosis == 1, first == 0, first == 1, second == 0, second == 1,
        ],
        [-1, 3, 4, 0, 4, 1, 4],
        default=2,
    ).astype(np.int8)  # fmt: skip


def child_stage(first: Result, second: Result = Result.NONE_YET, diagnosis: Result = Result.NONE_YET) -> Stage:
    """One child's next stage; the same code as :func:`next_stage`."""
    codes = [np.array([RESULTS.index(result)], dtype=np.int8) for result in (first, second, diagnosis)]
    return STAGES[int(next_stage(codes[0], codes[1], codes[2])[0])]


def flow() -> tuple[tuple[str, str, str, str], ...]:
    """The flow as it stands in the sources: stage, who, what, what comes next."""
    return tuple(
        (row["stage"], row["who"], row["what"], row["next"])
        for row in norm_tables.rows("child_health", "disability_screening_flow.csv")
    )
