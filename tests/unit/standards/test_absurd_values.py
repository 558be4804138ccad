"""Infinite, zero, negative and astronomic entries: no exception, no warning and no infinite result, in any norm."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from qingmiao.standards import fitness, growth, immunisation, vision
from qingmiao.standards.columns import Column, Table

ABSURD = np.array(
    [
        np.nan,
        np.inf,
        -np.inf,
        0,
        -0.0,
        -1,
        1e-300,
        1e300,
        1e6,
        999_999,
        5,
        50,
        75,
        110,
        120,
        1826.25,
        61,
        228,
        400,
    ]
)
CODES = {
    "sex": ["m", "f", "1", "x", None, ""],
    "measure": ["l", "h", None, "z"],
    "oedema": ["y", "n", None, "?"],
    "grade": ["P1", "H3", "?", None],
    "exempt": ["1", "0", "?", None],
    "ortho_k": ["1", "0", "?", None],
    "birth_date": ["2024-01-31", "0001-01-01", "9999-12-31", "x", None, "2024-02-30"],
    "check_date": ["2024-01-31", "0001-01-01", "9999-12-31", "x", None],
    "date": ["2024-01-31", "0001-01-01", "9999-12-31", "x", None],
    "vaccine": ["HepB", "五联疫苗", "IG", "x", None, "JE-I", "MMR", "2vHPV"],
    "status": ["禁忌", "暂缓", None, "q"],
    "health_state": ["hiv_exposed", None, "q"],
}
NUMBERS = [
    *(
        "age_days",
        "age_months",
        "weight_kg",
        "lenhei_cm",
        "height_cm",
        "headc_cm",
        "armc_cm",
        "triskin_mm",
        "subskin_mm",
    ),
    *(
        "haemoglobin_g_l",
        "altitude_m",
        "gestation_weeks",
        "birth_weight_g",
        "birth_length_cm",
        "birth_head_cm",
        "dose",
    ),
    *(name for name in fitness.measure_columns() if not name.endswith(("_cm", "_kg"))),
    *vision.sheet.READINGS,
]
NORMS: dict[str, Callable[[Table], Table]] = {
    **{key: norm.score for key, norm in growth.NORMS.items()},
    "anaemia 2011": lambda table: growth.score_anaemia(table, standard="who2011"),
    "anaemia 2024": lambda table: growth.score_anaemia(table, standard="who2024"),
    "anaemia 2002": lambda table: growth.score_anaemia(table, standard="china2002"),
    "prevalence": lambda table: growth.prevalence(table, by=["grade"], weight="w", cluster="dose"),
    "prevalence 2007": lambda table: growth.prevalence_who2007(table, strata="dose"),
    "fitness": fitness.score_table,
    "vision": vision.score_table,
    "vision decimal": lambda table: vision.score_table(table, notation="decimal"),
    "immunisation": lambda table: immunisation.score_table(table, on=datetime.date(2025, 1, 1)),
}


def absurd_table(rows: int = 3000) -> dict[str, Column]:
    rng = np.random.default_rng(3)
    table: dict[str, Column] = {name: rng.choice(ABSURD, rows) for name in NUMBERS}
    table |= {name: rng.choice(np.array(values, dtype=object), rows) for name, values in CODES.items()}
    table["w"] = np.abs(np.nan_to_num(rng.choice(ABSURD, rows), posinf=1))
    table["id"] = np.arange(rows).astype(str).astype(object)
    return table


@pytest.mark.parametrize("norm", NORMS)
def test_absurd_values(norm: str) -> None:
    table = absurd_table()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = NORMS[norm](table)
    for name in set(found) - set(table):
        values = np.ma.getdata(found[name])
        assert values.dtype.kind != "f" or not np.isinf(values).any(), name


def test_an_impossible_altitude_gives_no_answer() -> None:
    found = growth.anaemia(np.full(3, 100.0), np.full(3, 12.0), np.array([9000.0, 9000.1, np.inf]))
    assert found["anaemic"].tolist() == [True, None, None]
