"""The lower areas and the years beside each other: who stands out beyond chance, against what is usual here, against
the nation and the province where content holds their values with a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.assess.areas import MIN_FOR_DISPERSION, AreaCount, funnel
from qingmiao.assess.references import in_unit
from qingmiao.content.base import Source
from qingmiao.content.indicators import Indicator
from qingmiao.kernel.rounding import half_up
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.web.console.monitoring.indicator import townships_of
from qingmiao.site.web.console.monitoring.shown import Shown, shown, year_of
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.fragments import whole_page
from qingmiao.site.web.ui.language import t

YEARS = 10
"""So many years of the whole area are compared with each other."""


@dataclass(frozen=True)
class AreaStanding:
    """One area beyond the limits of an indicator."""

    code: str
    name: str
    value: Shown
    word: str


@dataclass(frozen=True)
class ReferenceShown:
    """What is known of a higher area: its newest value that is not after the year."""

    name: str
    year: int
    text: str
    told: str
    """Who published it."""


@dataclass(frozen=True)
class BenchmarkRow:
    """One indicator: the whole area's value, how the year stands among the years, the areas beyond the limits."""

    indicator: Indicator
    value: Shown
    of_years: str
    of_years_tone: str
    references: tuple[ReferenceShown, ...]
    good: tuple[AreaStanding, ...]
    bad: tuple[AreaStanding, ...]
    other: tuple[AreaStanding, ...]
    """Beyond the limits, where neither side is better."""
    known: int
    """How many areas have a value."""


@dataclass(frozen=True)
class AreaTally:
    """One area: in how many indicators it stands out to either side, of how many in which it has a value."""

    code: str
    name: str
    good: tuple[Indicator, ...]
    bad: tuple[Indicator, ...]
    known: int


@page(*WORKING, methods=("GET",))
def benchmarks(request: HttpRequest) -> HttpResponse:
    """Areas and years compared by every indicator that decides a target; most to be looked at first."""
    state = api.current()
    if state is None:
        return render(request, "console/monitoring/empty.html")
    year = year_of(state, request.GET.get("year", ""))
    return whole_page(
        request, state.fragments, ("benchmarks", year), "console/monitoring/benchmarks.html",
        lambda: _compared(state, year),
    )  # fmt: skip


def _compared(state: LoadedRun, year: int) -> dict[str, Any]:
    rows, tally = [], dict[str, AreaTally]()
    for one in state.pack.indicators.values():
        table = townships_of(state, one, year, drawn=False) if set(one.implements) & set(state.pack.targets) else None
        if table is None:
            continue
        rows.append(_row(state, one, year, table["rows"]))
        for r in table["rows"]:
            _count(tally, r, one)
    rows.sort(key=lambda r: (-len(r.bad), -len(r.good), not r.of_years))
    areas = sorted(tally.values(), key=lambda a: (len(a.good) - len(a.bad), a.code))
    beside = [k for k in acting.kinds().values() if k.beside == "benchmarks"]
    return {
        "state": state, "year": year, "rows": rows, "areas": areas, "kinds": beside,
        "root": state.pack.areas.get(state.root), "explained": _explained(state), "outside": _told(rows),
    }  # fmt: skip


def _explained(state: LoadedRun) -> str:
    level = f"{state.pack.policy.funnel_level * 100:g}"
    return t(
        "各乡镇与通常水平相比，超出偶然波动界限的才列出；界限按分母大小计算（二项分布、泊松分布的精确分位数，允许超额离散，"
        f"Spiegelhalter 2005），水平 {level}%。没有超出的不分先后，不排名次。",
        "Only what lies beyond the limits of chance is named; the limits follow the denominators (exact binomial and "
        f"Poisson quantiles with over-dispersion, Spiegelhalter 2005) at {level} %. Who lies inside is not ranked.",
    )


def _told(rows: list[BenchmarkRow]) -> str:
    """How many stand out, in a sentence."""
    outside, moved = sum(bool(r.good or r.bad or r.other) for r in rows), sum(bool(r.of_years) for r in rows)
    return t(
        f"比较 {len(rows)} 个指标：有乡镇超出界限的 {outside} 个，全县这一年与各年相比超出界限的 {moved} 个。",
        f"{len(rows)} indicators are compared: in {outside} an area lies beyond the limits, in {moved} this year lies "
        "beyond the other years.",
    )


def _row(state: LoadedRun, one: Indicator, year: int, rows: list[dict[str, Any]]) -> BenchmarkRow:
    out = [(r["tone"], AreaStanding(r["area"].code, r["area"].name, r["value"], r["word"])) for r in rows if r["word"]]
    word, tone = of_years(state, one, year)
    sides = {x: tuple(s for found, s in out if found == x) for x in ("good", "bad", "")}
    known = sum(bool(r["value"].text) for r in rows)
    return BenchmarkRow(
        one, shown(state, one.id, state.root, year), word, tone, references(state, one, year), sides["good"],
        sides["bad"], sides[""], known,
    )  # fmt: skip


def _count(tally: dict[str, AreaTally], row: dict[str, Any], one: Indicator) -> None:
    code, name, tone = row["area"].code, row["area"].name, row["tone"]
    was = tally.get(code, AreaTally(code, name, (), (), 0))
    good, bad = ((one,) if tone == side else () for side in ("good", "bad"))
    known = was.known + bool(row["value"].text)
    tally[code] = AreaTally(code, name, (*was.good, *good), (*was.bad, *bad), known)


def of_years(state: LoadedRun, one: Indicator, year: int) -> tuple[str, str]:
    """How the whole area's year stands among its latest years by the same limits: (word, tone); empty where it lies
    inside, or where there are too few years with counts."""
    points = [p for p in state.series(one.id, state.root).until(year).known if p.year > year - YEARS]
    counts = [
        AreaCount(str(p.year), str(p.year), cell.numerator, cell.denominator)
        for p in points
        if (cell := state.cell(one.id, state.root, p.year)) and cell.numerator is not None and cell.denominator
    ]
    if one.noise == "none" or len(counts) < MIN_FOR_DISPERSION or counts[-1].code != str(year):
        return "", ""
    policy = state.pack.policy
    made = funnel(counts, noise=one.noise, better=one.better, level=policy.funnel_level, suspect=policy.funnel_suspect)
    mine = made.points[-1]
    if not mine.breach:
        return "", ""
    tone = "bad" if mine.worse else "good" if one.better != "none" else ""
    return (t("高于各年", "above its years") if mine.breach == "high" else t("低于各年", "below its years")), tone


def references(state: LoadedRun, one: Indicator, year: int) -> tuple[ReferenceShown, ...]:
    """The newest published value of each higher area that the indicator is compared with, of those whose publisher is
    known."""
    out = []
    for comparison in one.comparisons:
        found = [
            (r.year, value, r.source)
            for r in state.pack.references
            if r.series == comparison.series and r.area == comparison.area and r.year <= year and _cited(r.source)
            and (value := in_unit(r, one.unit)) is not None
        ]  # fmt: skip
        if found:
            when, value, source = max(found, key=lambda x: x[0])
            name = state.pack.areas[comparison.area].name if comparison.area in state.pack.areas else comparison.area
            text = f"{half_up(value, one.decimals):f}"
            out.append(ReferenceShown(comparison.label or name, when, text, _cited(source)))
    return tuple(out)


def _cited(source: Source) -> str:
    return " ".join(x for x in (source.authority, source.document) if x)
