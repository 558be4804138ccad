"""WHO's standard prevalence estimates, as the R packages ``anthro`` (under 5) and ``anthroplus`` (5 to 19 years) give
them.

For each group: percent of children below -3, -2, -1 and above +1, +2, +3 SD with standard error and 95 % interval, mean
and standard deviation of the scores, by height (HA), weight (WA), weight-for-height (WH), BMI; and stunted with wasted
or with overweight.

- Under 5: children older than 1826 days are left out; children of unknown age count where they have a score. From 5
  years on: children from 60 to 228 months, weight (to 120 months) in the age groups alone.
- Flagged scores are missing. A child with oedema counts as -3.1 SD in WA, WH and BMI percents, not in their means.
- A child below a limit has a score that, rounded to two decimals, is below it: -2.00 is not.
- Weights, clusters and strata: :mod:`qingmiao.standards.growth.sampling`. Without them, N children kept and n with a
  score, the standard error is sqrt(N / (N - 1)) / n x sqrt(sum of squared deviations). Intervals: of a percent on the
  logit scale, of a mean ± t x standard error, t with (clusters - strata) degrees of freedom, here N - 1. A percent of 0
  or 100 has itself as interval.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from qingmiao.standards.columns import Codes, Column, Columns, Floats, Table
from qingmiao.standards.growth import who2006, who2007
from qingmiao.standards.growth.inputs import (
    DAYS_PER_MONTH,
    OEDEMA,
    WITH_OEDEMA,
    age_in_months,
    sexes,
    whole_days,
)
from qingmiao.standards.growth.sampling import Design, Estimate, Mask, read_design, sampled

AGE_BREAKS: Final = (0, 6, 12, 24, 36, 48, 60)
AGE_GROUPS: Final = ("00-05 mo", "06-11 mo", "12-23 mo", "24-35 mo", "36-47 mo", "48-59 mo")
YEAR_BREAKS: Final = (60, *range(72, 229, 12), 229)
YEAR_GROUPS: Final = tuple(f"{low}-{high - 1} mo" for low, high in itertools.pairwise(YEAR_BREAKS))
WIDE_BREAKS: Final = (60, 120, 180, 229)
WIDE_GROUPS: Final = ("60-119 mo", "120-179 mo", "180-228 mo")
SEXES: Final = ("Female", "Male")
CUTOFFS: Final = {"_3": -3.0, "_2": -2.0, "_1": -1.0, "1": 1.0, "2": 2.0, "3": 3.0}
_UNDER_FIVE: Final = {"HA": "len", "WA": "wei", "WH": "wfl", "BMI": "bmi"}
_SCHOOL: Final = {"HA": "hfa", "WA": "wfa", "BMI": "bfa"}
_OEDEMA_SCORE: Final = -3.1


@dataclass(frozen=True, slots=True)
class _Sample:
    """Children kept: their scores by indicator, with (``counted``) and without those that oedema puts at -3.1 SD."""

    design: Design
    summary: Mapping[str, Floats]
    counted: Mapping[str, Floats]


def prevalence(
    table: Table,
    *,
    by: Sequence[str] = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
) -> Table:
    """One row a group of children under 5, the same kind of table; ``table`` as for ``score_who2006``.

    Groups: ``All``, ``Age group: …``, ``Sex: …``, ``Age + sex: ….…``, then ``<column>: <value>`` for each column of
    ``by``. Columns carry WHO's names: ``HAZ_pop`` (sum of weights) ``HAZ_unwpop`` (children), ``HA_2_r HA_2_se HA_2_ll
    HA_2_ul`` (percent below -2 SD; ``HA2`` above +2), ``HA_r HA_se HA_ll HA_ul HA_stdev`` (mean score), the same for
    WA, WH, BMI; ``HA_2_WH_2_*`` stunted and wasted, ``HA_2_WH2_*`` stunted and overweight. A group without scores has n
    0 and NaN.

    ``weight``, ``cluster`` and ``strata`` name columns of the sample's design. A child without weight weighs 0; one
    without cluster or stratum is left out. Raises ``ColumnError`` for a column that is not there and for a negative
    weight.
    """
    columns = Columns(table)
    children = who2006.children_of(columns)
    days = whole_days(children.age_days)
    kept = (np.isnan(children.age_days) | (days <= who2006.LAST_DAY)) & sampled(columns, cluster=cluster, strata=strata)
    scores = who2006.score_arrays(children)
    puffy = columns.codes("oedema", OEDEMA) == WITH_OEDEMA
    sample = _sample(
        scores,
        _UNDER_FIVE,
        kept,
        {name: puffy for name in _UNDER_FIVE if name != "HA"},
        read_design(columns, kept, weight=weight, cluster=cluster, strata=strata),
    )
    months = days[kept] / DAYS_PER_MONTH
    ages, sex = _by_age(months, AGE_BREAKS, AGE_GROUPS), _by_sex(children.sex[kept])
    groups = {"All": np.ones(len(months), dtype=bool)}
    groups |= {f"Age group: {name}": mask for name, mask in ages.items()}
    groups |= {f"Sex: {name}": mask for name, mask in sex.items()}
    groups |= {f"Age + sex: {age}.{name}": ages[age] & sex[name] for name in SEXES for age in ages}
    groups |= _by_columns(columns, kept, by)
    rows = [{**_row(group, sample), **_combined(group, sample)} for group in groups.values()]
    return _result(columns, groups, rows)


def prevalence_who2007(
    table: Table,
    *,
    by: Sequence[str] = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
) -> Table:
    """One row a group of children from 60 to 228 months; ``table`` as for ``score_who2007``, options as
    :func:`prevalence`.

    Groups: ``All``, ``Sex: …``, ``Age group 1: …`` (years), ``Age group 2: …`` (60-119, 120-179, 180-228 months), ``Age
    + sex: Female.…``, then the columns of ``by``. HA, WA and BMI; weight is scored to 120 months, so WA is missing for
    all ages together.
    """
    columns = Columns(table)
    columns.require("sex")
    months = age_in_months(columns)
    sex = sexes(columns)
    kept = (months >= who2007.FIRST_MONTH) & (months <= 228) & sampled(columns, cluster=cluster, strata=strata)
    puffy = columns.codes("oedema", OEDEMA) == WITH_OEDEMA
    scores = who2007.score_arrays(
        sex,
        months,
        columns.floats("height_cm" if "height_cm" in columns else "lenhei_cm"),
        columns.floats("weight_kg"),
        columns.codes("oedema", OEDEMA),
    )
    design = read_design(columns, kept, weight=weight, cluster=cluster, strata=strata)
    sample = _sample(scores, _SCHOOL, kept, {"WA": puffy & (months <= 120), "BMI": puffy}, design)
    years = _by_age(months[kept], YEAR_BREAKS, YEAR_GROUPS)
    wide = _by_age(months[kept], WIDE_BREAKS, WIDE_GROUPS)
    by_sex = _by_sex(sex[kept])
    groups = {"All": np.ones(int(kept.sum()), dtype=bool)}
    groups |= {f"Sex: {name}": mask for name, mask in by_sex.items()}
    ageless = len(groups)
    groups |= {f"Age group 1: {name}": mask for name, mask in years.items()}
    groups |= {f"Age group 2: {name}": mask for name, mask in wide.items()}
    groups |= {f"Age + sex: {name}.{age}": wide[age] & by_sex[name] for age in wide for name in SEXES}
    wholes = {*list(groups)[:ageless], *(others := _by_columns(columns, kept, by))}
    groups |= others
    rows = []
    for name, group in groups.items():
        row = _row(group, sample)
        rows.append({key: np.nan if name in wholes and key.startswith("WA") else v for key, v in row.items()})
    return _result(columns, groups, rows)


def _sample(
    scores: Mapping[str, Column],
    indicators: Mapping[str, str],
    kept: Mask,
    puffy: Mapping[str, Mask],
    design: Design,
) -> _Sample:
    summary: dict[str, Floats] = {}
    counted: dict[str, Floats] = {}
    for name, code in indicators.items():
        z = np.where(np.ma.filled(scores[f"f{code}"], 1) == 1, np.nan, scores[f"z{code}"])
        swollen = puffy.get(name, np.zeros(len(z), dtype=bool))
        summary[name] = np.where(swollen, np.nan, z)[kept]
        counted[name] = np.where(swollen, _OEDEMA_SCORE, z)[kept]
    return _Sample(design, summary, counted)


def _by_age(months: Floats, breaks: Sequence[int], names: Sequence[str]) -> dict[str, Mask]:
    place = np.where(np.isnan(months), -1, np.searchsorted(breaks, months, side="right") - 1)
    return {name: place == i for i, name in enumerate(names)}


def _by_sex(sex: Codes) -> dict[str, Mask]:
    return {"Female": sex == 2, "Male": sex == 1}


def _by_columns(columns: Columns, kept: Mask, by: Sequence[str]) -> dict[str, Mask]:
    groups: dict[str, Mask] = {}
    for column in by:
        columns.require(column)
        values = columns.texts(column)[kept]
        for value in dict.fromkeys(value for value in values.tolist() if value is not None):
            groups[f"{column}: {value}"] = np.asarray(values == value, dtype=bool)
    return groups


def _row(group: Mask, sample: _Sample) -> dict[str, float]:
    row: dict[str, float] = {}
    for name, z in sample.counted.items():
        known = group & ~np.isnan(z)
        row |= _size(f"{name}Z", known, sample.design)
        for suffix, cutoff in CUTOFFS.items():
            hits = z < cutoff if cutoff < 0 else z > cutoff
            row |= _percent(f"{name}{suffix}", hits, known, sample.design)
        known = group & ~np.isnan(sample.summary[name])
        row |= _named(name, sample.design.estimate(sample.summary[name], known))
        row[f"{name}_stdev"] = sample.design.spread(sample.summary[name], known)
    return row


def _combined(group: Mask, sample: _Sample) -> dict[str, float]:
    height, weight = sample.counted["HA"], sample.counted["WH"]
    both = group & ~np.isnan(height) & ~np.isnan(weight)
    stunted = height < -2
    return {
        **_size("HA_2_WH_2", both, sample.design),
        **_percent("HA_2_WH_2", stunted & (weight < -2), both, sample.design),
        **_percent("HA_2_WH2", stunted & (weight > 2), both, sample.design),
    }


def _size(name: str, known: Mask, design: Design) -> dict[str, float]:
    return {f"{name}_pop": float(design.weight[known].sum()), f"{name}_unwpop": float(known.sum())}


def _percent(name: str, hits: Mask, known: Mask, design: Design) -> dict[str, float]:
    return _named(name, design.estimate(hits.astype(np.float64), known, share=True), 100)


def _named(name: str, found: Estimate, unit: float = 1) -> dict[str, float]:
    values = zip(("r", "se", "ll", "ul"), (found.mean, found.error, found.low, found.high), strict=True)
    return {f"{name}_{suffix}": value * unit for suffix, value in values}


def _result(columns: Columns, groups: Mapping[str, Mask], rows: Sequence[Mapping[str, float]]) -> Table:
    result: dict[str, Column] = {"Group": np.array(list(groups), dtype=object)}
    for name in rows[0]:
        result[name] = np.array([row[name] for row in rows], dtype=np.float64)
    return columns.fresh(result)
