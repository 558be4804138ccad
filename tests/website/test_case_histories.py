"""A short random history of cases; the long ones run at night (`benchmarks/case_histories.py`)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_a_history_never_leaves_the_model(directory: None) -> None:
    from website import case_histories

    walk = case_histories.walked(7, 150)
    assert walk.wrong == []
    assert len(walk.cases) > 3
    assert walk.done > 20 < walk.refused
