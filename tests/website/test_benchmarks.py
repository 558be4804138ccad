"""Townships and years beside each other: only what lies beyond chance is named; references have a source."""

from __future__ import annotations

from typing import Any

import pytest

from qingmiao.assess.areas import AreaCount, funnel
from qingmiao.site.apps.monitoring import api
from qingmiao.site.web.console.monitoring.benchmarks import of_years, references
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db


def test_the_township_beyond_the_limits_is_named_and_no_other(make_person: Any, browser_of: Any) -> None:
    """25 deaths in 1,000 births where nine others have 5: named on the worse side, the others nowhere."""
    a_run()
    page = browser_of(make_person("health", Role.LIAISON)).get("/plan/benchmarks?year=2023").content.decode()
    (line,) = [x for x in page.split("<tr>") if "/indicators/health.imr" in x]
    assert line.count("/areas/141029204") == 1
    assert line.count("/areas/") == 1
    assert "高于界限" in line
    assert "25.0" in line
    assert "有乡镇超出界限的 1 个" in page
    assert 'class="button"' in page
    assert "/duties/practice/" in page


def test_the_nation_is_there_with_its_year_and_who_published_it(make_person: Any) -> None:
    """The newest value that is not after the year, as content has it; a later one is not told of an earlier year."""
    a_run()
    state = api.current()
    assert state is not None
    found = {
        (y, one.id): references(state, one, y)
        for one in state.pack.indicators.values() if one.comparisons for y in (2021, 2023)
    }  # fmt: skip
    assert any(found.values())
    for (year, indicator), shown in found.items():
        for one in shown:
            assert one.year <= year
            named = {c.series for c in state.pack.indicators[indicator].comparisons}
            held = [r for r in state.pack.references if r.series in named and r.year == one.year]
            assert any(str(r.source.document) in one.told for r in held)
            assert one.told.strip()  # one without a publisher is not shown


def test_a_year_beyond_its_own_years_is_said_and_a_quiet_one_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the six made-up years none stands out; with one year of four times the deaths it does, on the worse side."""
    a_run()
    state = api.current()
    assert state is not None
    one = state.pack.indicators["health.imr"]
    assert of_years(state, one, 2023) == ("", "")
    real = state.cell

    def risen(indicator: str, area: str, year: int, dims: Any = ()) -> Any:
        found = real(indicator, area, year, dims)
        if found is None or year != 2023:
            return found
        return type("Cell", (), {"numerator": 216.0, "denominator": 10000.0})()

    monkeypatch.setattr(state, "cell", risen, raising=False)
    assert of_years(state, one, 2023) == ("高于各年", "bad")


def test_limits_are_exact_quantiles_of_the_poisson_law() -> None:
    """By Spiegelhalter's construction without over-dispersion: at 99.8 % an area whose expected count is 5 breaches
    from 14 events on: P(X ≥ 14 | 5) = 0.000698 < 0.001 ≤ P(X ≥ 13 | 5) = 0.00202, added up here term by term."""
    from math import exp, factorial

    tail = [1 - sum(exp(-5) * 5**k / factorial(k) for k in range(n)) for n in (13, 14)]
    assert tail[0] > 0.001 > tail[1]
    for events, breach in ((13, ""), (14, "high")):
        rest = 100 - events
        areas = [AreaCount("a", "a", rest - 40, 475), AreaCount("b", "b", 40, 475), AreaCount("c", "c", events, 50)]
        made = funnel(areas, noise="poisson", better="lower", level=0.998)
        assert made.rate * 50 == pytest.approx(5)
        assert made.points[2].breach == breach
