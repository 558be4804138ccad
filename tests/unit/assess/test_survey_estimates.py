"""Samples of strata and clusters: textbook formulas worked out apart in exact fractions, planted and null ones."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

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
"""SAS/STAT User's Guide, PROC SURVEYMEANS, Getting Started (support.sas.com, statug 63962,
statug_surveymeans_sect003): grade and weekly spending on ice cream of 40 students, as printed there."""
GRADES, SPENT = STUDY[::2], [float(x) for x in STUDY[1::2]]
STUDENTS = {"7": 1824, "8": 1025, "9": 1151}


def test_a_simple_sample_gives_the_textbook_error() -> None:
    """s ÷ √n × √(1 − n/N), and a design effect of one."""
    found = estimate(SPENT, totals={"": 4000})
    spread = float(np.var(SPENT, ddof=1))
    assert found.value == pytest.approx(8.75)
    assert found.error == pytest.approx(math.sqrt(spread / 40 * (1 - 40 / 4000)))
    assert found.deff == pytest.approx(1)


def test_the_ice_cream_study_drawn_by_grade_is_cochrans_stratified_mean() -> None:
    """Exact fractions by another way: the mean Σ Wₕ ȳₕ and its variance Σ Wₕ² (1 − fₕ) sₕ² / nₕ of a stratified random
    sample (Cochran, Sampling Techniques, 3rd edition, (5.1) and theorem 5.4), t with n − L degrees of freedom."""
    everybody = sum(STUDENTS.values())
    mean = variance = Fraction(0)
    for grade, there in STUDENTS.items():
        own = [Fraction(int(y)) for g, y in zip(GRADES, SPENT, strict=True) if g == grade]
        n, middle = len(own), sum(own) / len(own)
        spread = sum((y - middle) ** 2 for y in own) / (n - 1)
        mean += Fraction(there, everybody) * middle
        variance += Fraction(there, everybody) ** 2 * (1 - Fraction(n, there)) * spread / n
    weights = [STUDENTS[g] / GRADES.count(g) for g in GRADES]
    found = estimate(SPENT, weights=weights, strata=GRADES, totals=STUDENTS)
    assert found.value == pytest.approx(float(mean), rel=1e-13)
    assert found.error == pytest.approx(math.sqrt(variance), rel=1e-12)
    far = stats.t.isf(0.025, 40 - 3) * math.sqrt(variance)
    assert (found.low, found.high) == pytest.approx((float(mean) - far, float(mean) + far), rel=1e-12)
    assert (found.degrees, found.strata, found.people) == (37, 3, 40)
    assert found.deff is not None
    assert found.deff < 1


def test_clusters_of_unequal_size_and_weight_are_the_ratio_of_two_totals() -> None:
    """Two strata, clusters of 1 to 4 people: the variance of a ratio of two totals by its three parts, as fractions,
    V(R) = [V(Y) + R² V(X) − 2 R C(Y, X)] / X² (Cochran, (6.13) over strata), worked out from cluster totals alone; the
    engine goes by linearised people instead."""
    sample = [  # stratum, cluster, weight, answer
        ("东", "a", 3, 1), ("东", "a", 3, 0), ("东", "b", 5, 1), ("东", "c", 4, 0), ("东", "c", 4, 1), ("东", "c", 4, 1),
        ("西", "d", 2, 0), ("西", "d", 2, 0), ("西", "d", 7, 1), ("西", "d", 7, 0), ("西", "e", 6, 1),
    ]  # fmt: skip
    whole_x, whole_y = sum(Fraction(w) for *_, w, _ in sample), sum(Fraction(w * y) for *_, w, y in sample)
    ratio, parts = whole_y / whole_x, [Fraction(0)] * 3
    for stratum in ("东", "西"):
        names = sorted({c for h, c, *_ in sample if h == stratum})
        totals = [
            tuple(sum(Fraction(w * (y if of_y else 1)) for _, c, w, y in sample if c == name) for of_y in (True, False))
            for name in names
        ]  # fmt: skip
        m = len(totals)
        my, mx = (sum(t[k] for t in totals) / m for k in (0, 1))
        for k, (one, other) in enumerate(((0, 0), (1, 1), (0, 1))):
            middle = {0: my, 1: mx}
            parts[k] += Fraction(m, m - 1) * sum((t[one] - middle[one]) * (t[other] - middle[other]) for t in totals)
    variance = (parts[0] + ratio**2 * parts[1] - 2 * ratio * parts[2]) / whole_x**2
    strata, clusters, weights, answers = zip(*sample, strict=True)
    found = estimate(list(answers), weights=list(weights), strata=list(strata), clusters=list(clusters))
    assert found.value == pytest.approx(float(ratio), rel=1e-13)
    assert found.error == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert (found.degrees, found.clusters, found.people) == (3, 5, 11)


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
