"""Rows at every limit, scored by WHO's published formulas in R 4.2.2, and estimates by R's ``survey`` 4.1-1.

The files hold made-up children drawn from 600,000 (``seed 77``: ages, lengths and codes at and beside each limit), all
of which agreed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv as pacsv
import pytest
from click.testing import CliRunner

from qingmiao.cli.score import score
from qingmiao.standards.columns import ColumnError
from qingmiao.standards.growth import NORMS, prevalence, prevalence_who2007

SAMPLES = Path(__file__).parent / "growth_samples"
DESIGNS = {
    "simple": {},
    "sw": {"weight": "sw"},
    "cl": {"cluster": "cluster"},
    "st": {"strata": "strata"},
    "full": {"weight": "sw", "cluster": "cluster", "strata": "strata"},
}


@pytest.mark.parametrize("kind", ["days", "months", "2007"])
def test_the_command_gives_what_r_gives(tmp_path: Path, kind: str) -> None:
    standard = "who2007" if kind == "2007" else "who2006"
    source = SAMPLES / f"r_edges_{kind}.csv"
    result = CliRunner().invoke(score, ["growth", "--standard", standard, str(source), str(tmp_path / "out.csv")])
    assert result.exit_code == 0, result.output
    found, expected = pd.read_csv(tmp_path / "out.csv"), pd.read_csv(source)
    for name, _ in NORMS[standard].outputs:
        exact = name[0] in "zf"
        np.testing.assert_allclose(found[name], expected[name], rtol=0 if exact else 1e-6, err_msg=name)


@pytest.mark.parametrize("design", DESIGNS)
def test_prevalence_of_a_weighted_clustered_stratified_sample(design: str) -> None:
    """One stratum of the sample has a single cluster."""
    found = prevalence(pd.read_csv(SAMPLES / "r_prevalence_in.csv", dtype={"sex": str}), **DESIGNS[design])
    expected = pd.read_csv(SAMPLES / "r_prevalence.csv")
    expected = expected[expected.design == design].set_index("Group").drop(columns="design")
    got = found.set_index("Group").loc[expected.index, expected.columns]
    np.testing.assert_allclose(got.to_numpy(), expected.to_numpy(), rtol=1e-6, atol=2e-6)


def test_a_child_without_weight_counts_for_nothing_and_without_cluster_is_left_out() -> None:
    table = {
        "sex": np.array([1, 1, 1, 1]),
        "age_days": np.full(4, 400.0),
        "lenhei_cm": np.array([65.0, 77.0, 77.0, 65.0]),  # stunted, not, not, stunted
        "w": np.array([1.0, 3.0, np.nan, 9.0]),
        "c": np.array(["a", "b", "b", None], dtype=object),
    }
    found = prevalence(table, weight="w", cluster="c")
    assert found["HA_2_r"][0] == 100 * 1 / (1 + 3)
    assert (found["HAZ_pop"][0], found["HAZ_unwpop"][0]) == (4, 3)
    with pytest.raises(ColumnError, match="w"):
        prevalence({**table, "w": np.array([1.0, -1, 1, 1])}, weight="w")
    with pytest.raises(ColumnError, match="absent"):
        prevalence(table, strata="absent")


def test_school_age_prevalence_by_arithmetic() -> None:
    table = pacsv.read_csv(SAMPLES / "r_edges_2007.csv").to_pandas()
    found = prevalence_who2007(table).set_index("Group")
    kept = table[(table.age_months >= 60) & (table.age_months <= 228)]
    scored = kept[(kept.fhfa == 0)]
    assert found.loc["All", "HAZ_pop"] == len(scored)
    assert found.loc["All", "HA_2_r"] == pytest.approx(100 * (scored.zhfa < -2).mean())
    assert found.loc["All", "HA_stdev"] == pytest.approx(scored.zhfa.std())
    assert np.isnan(found.loc["All", "WA_2_r"])
    puffy = kept.oedema.isin(["y", "Y", "1"])
    young = kept[(kept.age_months < 120) & ((kept.fwfa == 0) | puffy)]
    low = (young.zwfa < -2) | puffy[young.index]
    assert found.loc["Age group 2: 60-119 mo", "WA_2_r"] == pytest.approx(100 * low.mean())
    assert found.loc["Age + sex: Female.180-228 mo", "WAZ_pop"] == 0
    assert list(found.index[:5]) == [
        "All",
        "Sex: Female",
        "Sex: Male",
        "Age group 1: 60-71 mo",
        "Age group 1: 72-83 mo",
    ]
    assert found.index[17] == "Age group 1: 228-228 mo"
