"""Attainment as drawn tables: what the published numbers are, what the plan says, what the verdict is.

docs/explanation/attainment.md is written from these tables. All counties and figures are made up (演示数据).
"""

from __future__ import annotations

import pytest

from qingmiao.assess.attainment import attain
from qingmiao.assess.series import Series
from qingmiao.assess.verdict import AreaSeries, Grounds
from qingmiao.content.plan import Target

LEVELS = """
目标值以 T 表示，发布一位小数
kind      T     value   verdict   boundary
at_most   3.2   3.1     met       no
at_most   3.2   3.2     met       yes
at_most   3.2   3.24    met       yes
at_most   3.2   3.25    not_met   no
at_most   38    38.4    not_met   yes
at_most   38    38.6    not_met   no
at_least  95    94.4    not_met   no
at_least  95    94.8    not_met   yes
at_least  95    94.96   met       yes
at_least  95    95.6    met       no
"""

FALLING = """
持续下降，基期 2020 年
2020  2021  2022  2023  2024  verdict
5     4     3     2     1     met
5     4     4     2     1     not_met
5     4     —     2     1     undetermined
5     6     —     2     1     not_met
—     4     3     2     1     undetermined
"""

TOWNSHIPS = """
每个乡镇 ≥ 90
甲   乙   丙   verdict
91   92   93   met
90   92   93   met
89   92   93   not_met
—    92   93   undetermined
—    89   93   not_met
—    —    —    undetermined
"""

CUTS = """
较基期下降
cut   base  value  verdict
20%   10    8.0    met
20%   10    8.1    not_met
1/3   12    8.0    met
1/3   12    8.1    not_met
20%   0     0      undetermined
20%   —     8.0    undetermined
"""


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()[2:]]


def number(text: str) -> float | None:
    return None if text == "—" else float(text)


def target(**given: object) -> Target:
    return Target.model_validate({"id": "T", "label": {"zh": "目标"}, **given})


def evidence(t: Target, values: dict[int, float | None], **more: AreaSeries | tuple[AreaSeries, ...]) -> Grounds:
    known = Series.of(values)
    return Grounds(target=t, year=2024, plan_start=2021, plan_end=2025, series=known, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "bar", "value", "verdict", "boundary"), rows(LEVELS))
def test_levels(kind: str, bar: str, value: str, verdict: str, boundary: str) -> None:
    answer = attain(evidence(target(kind=kind, value=float(bar)), {2024: number(value)}))
    assert (answer.verdict, answer.boundary) == (verdict, boundary == "yes")


@pytest.mark.parametrize("row", rows(FALLING))
def test_falling_every_year(row: list[str]) -> None:
    values = {2020 + i: number(text) for i, text in enumerate(row[:5])}
    answer = attain(evidence(target(kind="falling", qualifiers=["sustained"]), values))
    assert answer.verdict == row[5]


@pytest.mark.parametrize("row", rows(TOWNSHIPS))
def test_every_township(row: list[str]) -> None:
    areas = tuple(AreaSeries(str(i), str(i), Series.of({2024: number(text)})) for i, text in enumerate(row[:3]))
    t = target(kind="every_area", level="township", bound="at_least", value=90)
    assert attain(evidence(t, {}, areas=areas)).verdict == row[3]


@pytest.mark.parametrize(("cut", "base", "value", "verdict"), rows(CUTS))
def test_cuts(cut: str, base: str, value: str, verdict: str) -> None:
    t = target(kind="reduce_by", cut=cut, baseline={"year": 2020})
    assert attain(evidence(t, {2020: number(base), 2024: number(value)})).verdict == verdict
