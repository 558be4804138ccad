"""The rules that the schedule's table of ages does not hold: who catches up with what, from which age, after how long.

Each is a row of ``catch_up.csv`` with the document and the sentence that says it; ``check`` begins with ``UNSOURCED``
where no text and no quotation of one was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from qingmiao.standards import norm_tables
from qingmiao.standards.immunisation.schedule import SUBJECT, Age


@dataclass(frozen=True, slots=True)
class CatchUpRule:
    """One rule: an age or a distance of time, or a day; and where it is said."""

    name: str
    age: Age
    day: np.datetime64 | None
    document: str
    sentence: str
    check: str

    @property
    def sourced(self) -> bool:
        """Whether a text or a quotation of it was read."""
        return not self.check.startswith("UNSOURCED")


@cache
def rules() -> dict[str, CatchUpRule]:
    """Every rule by its name."""
    return {
        row["rule"]: CatchUpRule(
            row["rule"],
            Age(int(row["months"] or 0), int(row["days"] or 0)),
            np.datetime64(row["day"], "D") if row["day"] else None,
            row["document"],
            row["sentence"],
            row["check"],
        )
        for row in norm_tables.rows(SUBJECT, "catch_up.csv")
    }


def months(name: str) -> int:
    """The months of a rule."""
    return rules()[name].age.months


def days(name: str) -> int:
    """The days of a rule."""
    return rules()[name].age.days


def day(name: str) -> np.datetime64:
    """The day of a rule."""
    found = rules()[name].day
    assert found is not None, f"{name} has a day"
    return found
