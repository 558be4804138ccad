"""Prevalence, derived columns, one child, charts."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner
from scipy import stats
from test_growth_who import ANTHRO, inputs, sample

from qingmiao.cli.plot import plot
from qingmiao.standards import derivations
from qingmiao.standards.growth import NORMS, prevalence, score_child, score_who2006
from qingmiao.standards.growth.chart import Point, corrected_months, growth_chart
from qingmiao.standards.growth.curves import MEASURES, curves


def test_prevalence_against_arithmetic() -> None:
    table = {
        "sex": np.array([1, 1, 2, 2, 1]),
        "age_days": np.array([400.0, 400, 800, 800, 1900]),
        "lenhei_cm": np.array([65.0, 77.0, 84.0, 40.0, 100.0]),  # stunted, not, not, flagged, too old
        "weight_kg": np.array([8.0, 10.0, 11.0, 11.0, 15.0]),
        "oedema": np.array(["n", "y", "n", "n", "n"], dtype=object),
        "town": np.array(["a", "a", "b", None, "b"], dtype=object),
    }
    result = prevalence(table, by=["town"])
    rows = dict(zip(result["Group"], range(len(result["Group"])), strict=True))
    everyone = rows["All"]
    n, total = 3, 4  # the flagged length does not count, the child of 1900 days is not there at all
    assert result["HAZ_pop"][everyone] == n
    assert result["HA_2_r"][everyone] == pytest.approx(100 / 3)
    scale, r = total / (total - 1), 1 / 3
    half = stats.t.ppf(0.975, total - 1) * math.sqrt(scale / (n * r * (1 - r)))
    middle = math.log(r / (1 - r))
    assert result["HA_2_ll"][everyone] == pytest.approx(100 / (1 + math.exp(half - middle)))
    assert result["HA_2_ul"][everyone] == pytest.approx(100 / (1 + math.exp(-half - middle)))
    assert result["HA_2_se"][everyone] == pytest.approx(
        100 * math.sqrt(scale) / n * math.sqrt((2 / 3) ** 2 + 2 * (1 / 3) ** 2)
    )
    assert result["WAZ_pop"][everyone] == 4  # oedema counts below -3 SD
    assert result["WA_3_r"][everyone] == 25
    scored = score_who2006(table)
    assert result["WA_r"][everyone] == pytest.approx(np.nanmean(np.where(np.arange(5) == 4, np.nan, scored["zwei"])))
    assert result["HAZ_pop"][rows["Age group: 12-23 mo"]] == 2
    assert result["HAZ_pop"][rows["Sex: Female"]] == 1
    assert result["HA_2_r"][rows["Sex: Female"]] == result["HA_2_ll"][rows["Sex: Female"]] == 0
    assert result["HAZ_pop"][rows["Age + sex: 24-35 mo.Female"]] == 1
    assert math.isnan(result["HA_2_r"][rows["Age group: 00-05 mo"]])
    assert (result["HAZ_pop"][rows["town: a"]], result["HAZ_pop"][rows["town: b"]]) == (2, 1)
    assert "town: None" not in rows


def test_prevalence_of_the_sample_counts_the_scores() -> None:
    table = inputs(sample("who_anthro_sample.csv"), ANTHRO)
    result = prevalence(table)
    assert isinstance(result, pa.Table)
    expected = sample("who_anthro_sample.csv").to_pandas()
    kept = expected[(expected.age_days.isna() | (expected.age_days < 1826.5)) & (expected.flen == 0)]
    assert result["HAZ_pop"][0].as_py() == len(kept)
    assert result["HA_2_r"][0].as_py() == pytest.approx((kept.zlen < -2).mean() * 100)
    assert result["HA_stdev"][0].as_py() == pytest.approx(kept.zlen.std())
    assert isinstance(prevalence(table.to_pandas()), pd.DataFrame)


def test_one_child_equals_the_row_of_a_table() -> None:
    table = inputs(sample("who_anthro_sample.csv"), ANTHRO).select(
        ["sex", "age_days", "weight_kg", "lenhei_cm", "measure", "headc_cm", "armc_cm", "oedema"]
    )
    whole = score_who2006(table).to_pylist()
    for values, row in list(zip(table.to_pylist(), whole, strict=True))[:60]:
        child = score_child("who2006", **values)
        assert child.values == {name: row[name] for name in child.values}
        assert {name: int(reason) for name, reason in child.reasons.items()} == {
            name: row[name] for name in child.reasons
        }


@pytest.mark.parametrize("key", sorted(NORMS))
def test_a_child_of_whom_nothing_is_known(key: str) -> None:
    child = score_child(key)
    reasons = list(child.reasons.values())
    assert reasons
    assert all(reasons)
    assert {v for k, v in child.values.items() if k != "c9mo_flag"} == {None}


def test_derived_columns_are_missing_when_an_input_is() -> None:
    for name, derivation in derivations().items():
        if not name.startswith("growth."):
            continue
        columns = {column: np.full(2, np.nan) for column in (*derivation.inputs, *derivation.optional)}
        columns |= {c: np.array([None, ""], dtype=object) for c in ("sex", "measured", "oedema") if c in columns}
        for output, values in derivation(columns).items():
            kind = derivation.outputs[output]
            if kind == "boolean":
                assert np.ma.getmaskarray(values).all(), (name, output)
            else:
                assert np.isnan(values).all(), (name, output)


def test_under5_derivation() -> None:
    columns = {
        "sex": np.array(["m"] * 4, dtype=object),
        "age_days": np.array([400.0, 400.0, 400.0, 1900.0]),
        "length_cm": np.array([68.0, 77.0, 77.0, 77.0]),
        "weight_kg": np.array([7.0, 10.0, 14.5, 10.0]),
        "oedema": np.array(["n", "y", None, "y"], dtype=object),
    }
    result = derivations()["growth.under5"](columns)
    assert result["stunted"].tolist() == [True, False, False, None]
    assert result["underweight"].tolist() == [True, True, False, None]
    assert result["wasted"].tolist() == [False, True, False, None]
    assert result["overweight_u5"].tolist() == [False, None, True, None]


def test_school_and_anaemia_derivations() -> None:
    found = derivations()
    school = {
        "sex": np.array(["m", "f", "m"], dtype=object),
        "age_months": np.array([79.0, 79, 300]),
        "height_cm": np.array([120.0, 120, 170]),
        "weight_kg": np.array([25.5, 30, 80]),
    }
    result = found["growth.bmi_wst586"](school)
    assert result["overweight"].tolist() == [True, False, None]
    assert result["obese"].tolist() == [False, True, None]
    blood = {"haemoglobin_g_l": np.array([105.0, 115, np.nan]), "age_days": np.array([400.0, 400, 400])}
    assert found["growth.anaemia"](blood)["anaemic"].tolist() == [True, False, None]


@pytest.mark.parametrize(("standard", "measure"), [(s, m) for s, ms in MEASURES.items() for m in ms])
def test_every_curve_draws(standard: str, measure: str) -> None:
    norm = curves(standard, measure, 2)
    middle = len(norm.x) // 2
    svg = growth_chart(
        standard,
        measure,
        2,
        [Point(float(norm.x[middle]), float(norm.values[middle, 3]))],
        title="<演示&数据>",
    )
    root = ElementTree.fromstring(svg)
    assert "'Noto Sans SC', sans-serif" in root.attrib["font-family"]
    assert sum(1 for e in root.iter() if e.get("class") == "point") == 1
    texts = " ".join(e.text or "" for e in root.iter() if e.tag.endswith("text"))
    assert norm.standard in texts
    assert "女童" in texts
    assert "<演示&数据>" in texts


def test_chart_corrects_the_age_of_a_preterm_child() -> None:
    assert corrected_months(6.0, 32.0) == pytest.approx(6 - 8 * 7 / 30.4375)
    assert corrected_months(24.0, 32.0) == corrected_months(24.0, None) == 24.0
    assert corrected_months(6.0, 37.0) == 6.0
    points = [Point(6.0, 7.0), Point(30.0, 13.0), Point(float("nan"), 3.0), Point(200.0, 9.0)]
    svg = growth_chart("wst423", "wfa", 1, points, gestation_weeks=32.0)
    assert (svg.count('class="point"'), svg.count('class="actual"')) == (2, 1)
    assert "矫正月龄" in svg
    with pytest.raises(ValueError, match="no curves"):
        growth_chart("wst423", "acfa", 1, [])


def test_plot_command(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.svg"
    source.write_text("id,sex,age_months,weight_kg,lenhei_cm\na,m,3,6,60\na,m,6,8,67\nb,f,6,7,65\n")

    def run(*more: str) -> tuple[int, str]:
        result = CliRunner().invoke(plot, ["growth", *more, str(source), str(out)])
        return result.exit_code, result.output

    assert run()[0] == 2
    assert not out.exists()
    assert run("--id", "a", "--measure", "bfa")[0] == 0
    assert out.read_text("utf-8").count('class="point"') == 2
    assert run("--id", "c")[0] == 2
    assert run("--id", "a", "--measure", "acfa")[0] == 2


def test_a_chart_says_what_it_does_not_draw() -> None:
    before_term = [
        Point(0.0, 1.2),
        Point(1.0, 1.6),
    ]  # of a child born at 28 weeks: before the expected date of birth
    svg = growth_chart("who2006", "wfa", 1, [*before_term, Point(12, 9)], gestation_weeks=28)
    assert svg.count('class="point"') == 1
    assert "另有 2 次" in svg
    slip = growth_chart("who2006", "wfa", 1, [Point(12, 9), Point(13, 95)])  # 9.5 kg
    assert slip.count('class="point"') == 1
    assert "另有 1 次" in slip
    assert "另有" not in growth_chart("who2006", "wfa", 1, [Point(12, 9)])


def test_curve_labels_keep_apart() -> None:
    svg = growth_chart("who2006", "tsfa", 2, [Point(8, 9), Point(20, 35)])
    heights = [
        float(text.attrib["y"])
        for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
        if (text.text or "").endswith("SD") or text.text == "中位数"
    ]
    assert len(heights) == 7
    assert min(low - high for low, high in itertools.pairwise(heights)) >= 13.9  # downwards on the page is larger


def test_the_plot_turns_a_length_taken_the_other_way(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.svg"
    source.write_text("id,sex,age_days,lenhei_cm,measure\na,f,400,75,H\na,f,800,85,l\na,f,900,88,h\na,f,9999,90,h\n")
    result = CliRunner().invoke(plot, ["growth", "--measure", "lhfa", str(source), str(out)])
    assert result.exit_code == 0, result.output
    drawn = [title.text for title in ElementTree.parse(out).iter("{http://www.w3.org/2000/svg}title")]
    assert [text.rpartition("，")[2] for text in drawn if text] == ["75.7", "84.3", "88"]
    assert "3 次测量" in result.output
    assert "1 次" in result.output
    assert [path.name for path in tmp_path.iterdir() if path not in (source, out)] == []
