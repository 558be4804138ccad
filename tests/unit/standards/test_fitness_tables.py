"""Every cell of the standard comes back from the scorer, and the two sides of every threshold differ as they should."""

from __future__ import annotations

import numpy as np
import pytest

from qingmiao.standards import norm_tables
from qingmiao.standards.fitness import score_columns, tables

TESTED = [table.item for table in tables.items() if table.item != "bmi"]


def scores(item: str, grade: list[str], sex: list[str], value: list[float]) -> list[float]:
    found = score_columns(
        {
            "grade": np.array(grade, dtype=object),
            "sex": np.array(sex, dtype=object),
            item: np.array(value, dtype=float),
        }
    )
    return found[f"score_{item}"].tolist()


@pytest.mark.parametrize("item", TESTED)
def test_each_threshold_one_step_below_on_and_above(item: str) -> None:
    rows = norm_tables.rows("fitness", f"{item}.csv")
    table = tables.item(item)
    step = 1 / table.per_unit if table.direction == "higher" else -1 / table.per_unit
    grade, sex = [row["grade"] for row in rows], [row["sex"] for row in rows]
    threshold = [float(row["threshold"]) for row in rows]
    points = [int(row["score"]) for row in rows]
    group = {}
    for row in rows:
        group.setdefault((row["grade"], row["sex"]), []).append((float(row["threshold"]), int(row["score"])))
    assert scores(item, grade, sex, threshold) == points
    better = scores(item, grade, sex, [value + step for value in threshold])
    worse = scores(item, grade, sex, [round(value - step, 1) for value in threshold])
    for row, above, below, value in zip(rows, better, worse, threshold, strict=True):
        lines = group[row["grade"], row["sex"]]
        ahead = [s for t, s in lines if (t - (value + step)) * step <= 1e-9]
        behind = [s for t, s in lines if (t - (value - step)) * step <= 1e-9]
        assert above == max(ahead), row
        assert above >= int(row["score"]) > below, row
        if table.low < (value - step) * table.per_unit < table.high:
            assert below == max(behind, default=0), row


def test_bmi_bands_are_inclusive_at_both_ends() -> None:
    for (grade, sex), bands in tables.bmi_bands().items():
        line = tables.item("bmi").scores[tables.group(grade, sex)]
        assert line.min() >= 60, "no gap between the bands"
        for band in bands:
            for end in (band.low, band.high):
                if end is not None:
                    assert line[end] == band.score
        normal = next(band for band in bands if band.level == "normal")
        assert normal.low is not None
        assert normal.high is not None
        assert (line[normal.low - 1], line[normal.low]) == (80, 100)
        assert (line[normal.high], line[normal.high + 1]) == (100, 80)


def test_weights_of_every_group_are_one_hundred() -> None:
    total = sum(table.weights for table in tables.items())
    assert total[:-1].tolist() == [100] * tables.group_count()


def test_weights_and_thresholds_cover_the_same_groups() -> None:
    for item in TESTED:
        with_rows = {(row["grade"], row["sex"]) for row in norm_tables.rows("fitness", f"{item}.csv")}
        weighed = {
            (row["grade"], row["sex"]) for row in norm_tables.rows("fitness", "weights.csv") if row["item"] == item
        }
        assert with_rows == weighed, item


@pytest.mark.parametrize("folder", ["fitness", "vision", "immunisation", "child_health"])
def test_data_files_are_the_ones_described(folder: str) -> None:
    for name, source in norm_tables.sources(folder).items():
        assert norm_tables.sha256(folder, name) == source.sha256, name
        assert source.issuer
        assert source.document
        assert source.licence


@pytest.mark.parametrize("row", norm_tables.rows("fitness", "bonus.csv"), ids=lambda row: "-".join(row.values()))
def test_bonus_steps(row: dict[str, str]) -> None:
    table = tables.item(row["item"])
    sign = 1 if table.direction == "higher" else -1
    for grade in row["grades"].split():
        hundred = next(
            float(line["threshold"])
            for line in norm_tables.rows("fitness", f"{row['item']}.csv")
            if (line["grade"], line["sex"], line["score"]) == (grade, row["sex"], "100")
        )
        at = round(hundred * table.per_unit) + sign * int(row["margin_over_100_threshold"])
        line = table.bonus[tables.group(grade, row["sex"])]
        points = int(row["bonus_points"])
        assert line[at - table.low] == points
        assert line[at - sign - table.low] == points - 1, "one step short earns one point less"
