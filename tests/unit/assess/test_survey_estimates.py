"""Samples of strata and clusters: a published example to the last digit, textbook formulas, planted and null ones."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from qingmiao.assess.survey_estimates import estimate
from qingmiao.cli.estimate import estimate_command
from qingmiao.kernel.errors import UserError

STUDY = [
    "7",
    "7",
    "7",
    "7",
    "8",
    "12",
    "9",
    "10",
    "7",
    "1",
    "7",
    "10",
    "7",
    "3",
    "8",
    "20",
    "8",
    "19",
    "7",
    "2",
    "7",
    "2",
    "9",
    "15",
    "8",
    "16",
    "7",
    "6",
    "7",
    "6",
    "7",
    "6",
    "9",
    "15",
    "8",
    "17",
    "8",
    "14",
    "9",
    "8",
    "9",
    "8",
    "9",
    "7",
    "7",
    "3",
    "7",
    "12",
    "7",
    "4",
    "9",
    "14",
    "8",
    "18",
    "9",
    "9",
    "7",
    "2",
    "7",
    "1",
    "7",
    "4",
    "7",
    "11",
    "9",
    "8",
    "8",
    "10",
    "8",
    "13",
    "7",
    "2",
    "9",
    "6",
    "9",
    "11",
    "7",
    "2",
    "7",
    "9",
]
"""SAS/STAT User's Guide, PROC SURVEYMEANS, Getting Started: grade and weekly spending on ice cream of 40 students."""
GRADES, SPENT = STUDY[::2], [float(x) for x in STUDY[1::2]]
STUDENTS = {"7": 1824, "8": 1025, "9": 1151}


def test_a_simple_sample_gives_the_textbook_error() -> None:
    """s ÷ √n × √(1 − n/N), and a design effect of one."""
    found = estimate(SPENT, totals={"": 4000})
    spread = float(np.var(SPENT, ddof=1))
    assert found.value == pytest.approx(8.75)
    assert found.error == pytest.approx(math.sqrt(spread / 40 * (1 - 40 / 4000)))
    assert found.deff == pytest.approx(1)


def test_the_ice_cream_study_drawn_by_grade_comes_out_as_printed() -> None:
    """Mean 9.141298, standard error 0.531799, 95 % from 8.06377052 to 10.2188254."""
    drawn = {g: GRADES.count(g) for g in STUDENTS}
    weights = [STUDENTS[g] / drawn[g] for g in GRADES]
    found = estimate(SPENT, weights=weights, strata=GRADES, totals=STUDENTS)
    assert (round(found.value, 6), round(found.error, 6)) == (9.141298, 0.531799)
    assert (round(found.low, 8), round(found.high, 7)) == (8.06377052, 10.2188254)
    assert (found.degrees, found.strata, found.people) == (37, 3, 40)
    assert found.deff is not None
    assert found.deff < 1


@given(st.integers(2, 12), st.integers(2, 6), st.integers(0, 9999))
def test_equal_clusters_give_the_variance_of_their_means(clusters: int, size: int, seed: int) -> None:
    """The textbook's one-stage formula: s² of the clusters' means ÷ clusters; the order of rows decides nothing."""
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(clusters, size))
    names = np.repeat(np.arange(clusters), size).astype(str)
    order = rng.permutation(clusters * size)
    found = estimate(y.ravel()[order].tolist(), clusters=names[order].tolist())
    means = y.mean(axis=1)
    assert found.error == pytest.approx(math.sqrt(means.var(ddof=1) / clusters))
    assert found.value == pytest.approx(y.mean())


def test_people_of_a_cluster_who_are_alike_cost_as_much_as_they_are_alike() -> None:
    """Planted: all of a cluster equal, so that 10 clusters of 8 are worth about 10 people. Null: mixed at random, about
    80."""
    rng = np.random.default_rng(7)
    names = np.repeat(np.arange(200), 8).astype(str).tolist()
    alike = np.repeat(rng.integers(0, 2, 200), 8).astype(float)
    mixed = rng.integers(0, 2, 1600).astype(float)
    planted, null = (estimate(y.tolist(), clusters=names) for y in (alike, mixed))
    assert planted.deff == pytest.approx(8, rel=0.02)
    assert null.deff == pytest.approx(1, abs=0.25)
    assert planted.effective == pytest.approx(200, rel=0.02)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """500 samples of 20 clusters: 95 % within three standard errors of that share."""
    rng = np.random.default_rng(11)
    inside = 0
    for _ in range(500):
        effects = np.repeat(rng.normal(0, 1, 20), 10)
        found = estimate(
            (5 + effects + rng.normal(0, 1, 200)).tolist(), clusters=np.repeat(np.arange(20), 10).astype(str).tolist()
        )
        inside += found.low <= 5 <= found.high
    assert abs(inside / 500 - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 500)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"strata": ["a", "a", "b"]}, "只抽了 1 个群"),
        ({"weights": [1, 1, 0]}, "权重要大于 0"),
        ({"totals": {"": 2}}, "少于抽到的 3 个"),
    ],
)
def test_what_gives_no_error_is_refused(columns: dict[str, object], told: str) -> None:
    """Never an error of nought."""
    with pytest.raises(UserError, match=told):
        estimate([1, 0, 1], **columns)  # type: ignore[arg-type]


def test_the_command_reads_a_table_and_says_what_it_found(tmp_path: Path) -> None:
    """By grade with weights; a row without a value takes no part; a figure that is none is refused with its line."""
    drawn = {g: GRADES.count(g) for g in STUDENTS}
    lines = [f"{g},{y},{STUDENTS[g] / drawn[g]}" for g, y in zip(GRADES, SPENT, strict=True)]
    table = tmp_path / "study.csv"
    table.write_text("\n".join(["grade,spent,weight", *lines, "7,,1"]), "utf-8")
    asked = [str(table), "--value", "spent", "--weight", "weight", "--stratum", "grade"]
    said = CliRunner().invoke(estimate_command, asked, catch_exceptions=False).output
    assert "推算值 9.1413" in said
    assert "没有填这一项的 1 份" in said
    table.write_text("spent\n1\nmany\n3\n", "utf-8")
    with pytest.raises(UserError) as refused:
        CliRunner().invoke(estimate_command, [str(table), "--value", "spent"], catch_exceptions=False)
    assert [f.line for f in refused.value.faults] == [3]
