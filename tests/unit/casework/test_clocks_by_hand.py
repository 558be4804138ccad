"""Every clock of a programme that a document sets, against a case that was counted by hand over holidays
(`clocks_by_hand.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from programme_scripts import china

from qingmiao.content.base import EvidenceMark
from qingmiao.content.clocks import Moment, standing
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_parts import ProgrammeDeadline
from qingmiao.kernel.deadlines import ClockState

ROWS: list[dict[str, str]] = yaml.safe_load(Path(__file__).with_name("clocks_by_hand.yaml").read_text("utf-8"))


def clocks() -> Mapping[tuple[str, str], ProgrammeDeadline]:
    every = programmes_of(china())
    return {(one.id, deadline.id): deadline for one in every.values() for deadline in one.deadlines}


def test_every_clock_that_a_document_sets_was_counted_by_hand() -> None:
    sourced = {
        key
        for key, one in clocks().items()
        if one.value is not None and one.evidence not in (EvidenceMark.PROPOSAL, EvidenceMark.LOCAL)
    }
    assert {(row["programme"], row["clock"]) for row in ROWS} == sourced


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['programme']}.{row['clock']}")
def test_a_clock_ends_when_the_law_says(row: Mapping[str, Any]) -> None:
    deadline = clocks()[row["programme"], row["clock"]]
    start, end = (datetime.fromisoformat(row[key]) for key in ("start", "due"))
    assert row["source"] in deadline.origin
    began = Moment(deadline.starts[0], "", deadline.starts[0], start, "")
    found = standing(deadline, [began], start)
    assert found is not None
    assert found.due is not None
    assert (found.due.at, found.due.provisional) == (end, False)
    states = [standing(deadline, [began], moment) for moment in (end, end + timedelta(minutes=1))]
    assert [one is not None and one.state is ClockState.OVERDUE for one in states] == [False, True]
