"""A short random history of cases; the long ones run at night (`benchmarks/case_histories.py`)."""

from __future__ import annotations

import pytest


@pytest.mark.django_db
def test_a_history_never_leaves_the_model(directory: None) -> None:
    from website import case_histories

    walk = case_histories.walked(7, 220)
    assert walk.wrong == []
    assert len(walk.cases) > 3
    assert walk.done > 20 < walk.refused
    for turn in ("open to ended", "open to sealed", "merge", "ask"):
        assert walk.met[turn], f"{turn}: never met, the history proves nothing of it"


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_leave_the_model(directory: None) -> None:
    from website import case_histories

    crowd = case_histories.crowd(11, 120, 6)
    assert crowd.wrong == []
    assert len(crowd.acknowledged) > 20
    assert len(crowd.refused) > 5
    assert crowd.met["closed"]
    assert crowd.met["sealed"]


@pytest.mark.django_db(transaction=True)
def test_the_same_files_merged_by_many_at_once_never_wait_for_each_other(directory: None) -> None:
    from random import Random

    from website import case_histories, case_turns

    walk = case_histories.CaseWalk(Random(1))
    case_histories.seat(walk)
    assert case_turns.merged_by_many(walk.people, sorted(walk.children)[:3], 6, 40) == []
