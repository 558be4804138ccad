"""WHO's standard prevalence estimates for children under 5, unweighted, as the R package ``anthro`` gives them.

For each group: percent of children below -3, -2, -1 and above +1, +2, +3 SD with standard error and 95 % interval, mean and standard
deviation, for height (HA), weight (WA), weight-for-height (WH), BMI; and stunted with wasted or with overweight.

- Children older than 1826 days are left out; children of unknown age count where they have a score.
- Flagged scores are missing. A child with oedema counts as -3.1 SD in WA, WH and BMI percents, not in their means.
- N is every child kept, n those with a score in the group. Standard error: sqrt(N / (N - 1)) / n x sqrt(sum of squared deviations).
  Interval of a percent: on the logit scale, variance N / (N - 1) / (n r (1 - r)), t with N - 1 degrees of freedom; of
  a mean: mean ± t x standard error. A percent of 0 or 100 has itself as interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from qingmiao.standards.columns import Column, Columns, Floats, Table
from qingmiao.standards.growth.inputs import DAYS_PER_MONTH, OEDEMA, WITH_OEDEMA, whole_days
from qingmiao.standards.growth.who2006 import LAST_DAY, children_of, score_arrays

AGE_GROUPS: Final = ("00-05 mo", "06-11 mo", "12-23 mo", "24-35 mo", "36-47 mo", "48-59 mo")
AGE_BREAKS: Final = (6, 12, 24, 36, 48, 60)
SEXES: Final = ("Female", "Male")
INDICATORS: Final = {"HA": "len", "WA": "wei", "WH": "wfl", "BMI": "bmi"}
CUTOFFS: Final = {"_3": -3.0, "_2": -2.0, "_1": -1.0, "1": 1.0, "2": 2.0, "3": 3.0}
_OEDEMA_SCORE: Final = -3.1

Mask = NDArray[np.bool_]


def prevalence(table: Table, *, by: Sequence[str] = ()) -> Table:
    """One row a group, the same kind of table; ``table`` as for ``score_who2006``.

    Groups: ``All``, ``Age group: …``, ``Sex: …``, ``Age + sex: ….…``, then ``<column>: <value>`` for each column of ``by``. Columns carry
    WHO's names: ``HAZ_pop HAZ_unwpop``, ``HA_2_r HA_2_se HA_2_ll HA_2_ul`` (percent below -2 SD; ``HA2`` above +2), ``HA_r HA_se HA_ll
    HA_ul HA_stdev`` (mean score), the same for WA, WH, BMI; ``HA_2_WH_2_*`` stunted and wasted, ``HA_2_WH2_*`` stunted and overweight.
    A group without scores has n 0 and NaN.
    """
    columns = Columns(table)
    children = children_of(columns)
    scores = score_arrays(children)
    days = whole_days(children.age_days)
    kept = np.isnan(children.age_days) | (days <= LAST_DAY)
    puffy = (columns.codes("oedema", OEDEMA) == WITH_OEDEMA)[kept]
    summary: dict[str, Floats] = {}
    counted: dict[str, Floats] = {}
    for name, code in INDICATORS.items():
        z = np.where(np.ma.filled(scores[f"f{code}"], 1) == 1, np.nan, scores[f"z{code}"])[kept]
        weighted = name != "HA"
        summary[name] = np.where(puffy & weighted, np.nan, z)
        counted[name] = np.where(puffy & weighted, _OEDEMA_SCORE, z)
    groups = _groups(days[kept], children.sex[kept], {name: columns.texts(name)[kept] for name in by})
    rows = [_row(group, summary, counted, int(kept.sum())) for group in groups.values()]
    result: dict[str, Column] = {"Group": np.array(list(groups), dtype=object)}
    for name in rows[0]:
        result[name] = np.array([row[name] for row in rows], dtype=np.float64)
    return columns.fresh(result)


def _groups(days: Floats, sex: Column, others: Mapping[str, Column]) -> dict[str, Mask]:
    months = days / DAYS_PER_MONTH
    place = np.where(np.isnan(months), -1, np.searchsorted(AGE_BREAKS, months, side="right"))
    ages = {name: place == i for i, name in enumerate(AGE_GROUPS)}
    by_sex = {"Female": sex == 2, "Male": sex == 1}
    groups: dict[str, Mask] = {"All": np.ones(len(days), dtype=bool)}
    groups |= {f"Age group: {name}": mask for name, mask in ages.items()}
    groups |= {f"Sex: {name}": mask for name, mask in by_sex.items()}
    groups |= {f"Age + sex: {age}.{name}": ages[age] & by_sex[name] for name in SEXES for age in ages}
    for column, values in others.items():
        for value in dict.fromkeys(value for value in values.tolist() if value is not None):
            groups[f"{column}: {value}"] = np.asarray(values == value, dtype=bool)
    return groups


def _row(
    group: Mask, summary: Mapping[str, Floats], counted: Mapping[str, Floats], total: int
) -> dict[str, float]:
    row: dict[str, float] = {}
    for name in INDICATORS:
        z = counted[name][group]
        z = z[~np.isnan(z)]
        row[f"{name}Z_pop"] = row[f"{name}Z_unwpop"] = float(len(z))
        for suffix, cutoff in CUTOFFS.items():
            row |= _percent(f"{name}{suffix}", z < cutoff if cutoff < 0 else z > cutoff, total)
        row |= _mean(name, summary[name][group], total)
    both = group & ~np.isnan(counted["HA"]) & ~np.isnan(counted["WH"])
    stunted, wfh = counted["HA"][both] < -2, counted["WH"][both]
    row["HA_2_WH_2_pop"] = row["HA_2_WH_2_unwpop"] = float(both.sum())
    row |= _percent("HA_2_WH_2", stunted & (wfh < -2), total)
    row |= _percent("HA_2_WH2", stunted & (wfh > 2), total)
    return row


def _percent(name: str, hits: Mask, total: int) -> dict[str, float]:
    n = len(hits)
    if n == 0:
        return dict.fromkeys((f"{name}_r", f"{name}_se", f"{name}_ll", f"{name}_ul"), np.nan)
    r = float(hits.mean())
    low, high = r, r
    if 0 < r < 1:
        half = _t(total) * np.sqrt(_scale(total) / (n * r * (1 - r)))
        low, high = special.expit(special.logit(r) - half), special.expit(special.logit(r) + half)
    error = _error(hits.astype(np.float64), total)
    return {
        f"{name}_r": r * 100,
        f"{name}_se": error * 100,
        f"{name}_ll": low * 100,
        f"{name}_ul": high * 100,
    }


def _mean(name: str, z: Floats, total: int) -> dict[str, float]:
    z = z[~np.isnan(z)]
    if len(z) == 0:
        return dict.fromkeys((f"{name}_r", f"{name}_se", f"{name}_ll", f"{name}_ul", f"{name}_stdev"), np.nan)
    mean, error = float(z.mean()), _error(z, total)
    half = _t(total) * error
    spread = float(z.std(ddof=1)) if len(z) > 1 else np.nan
    return {
        f"{name}_r": mean,
        f"{name}_se": error,
        f"{name}_ll": mean - half,
        f"{name}_ul": mean + half,
        f"{name}_stdev": spread,
    }


def _scale(total: int) -> float:
    return total / (total - 1) if total > 1 else np.nan


def _error(values: Floats, total: int) -> float:
    return float(np.sqrt(_scale(total)) / len(values) * np.sqrt(((values - values.mean()) ** 2).sum()))


def _t(total: int) -> float:
    return float(stats.t.ppf(0.975, total - 1)) if total > 1 else np.nan
