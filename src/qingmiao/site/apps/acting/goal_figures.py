"""The figures of a unit's goals as they stood when it reported: kept with the document, with the way to their run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from qingmiao.assess.subject_rows import shown_unit
from qingmiao.content.plan import Target
from qingmiao.figures.findings import TargetAnswers
from qingmiao.site.apps.acting.models import Responsibility
from qingmiao.site.apps.acting.quoting import QuotedNumber, quoted
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.monitoring.api import LoadedRun


@dataclass(frozen=True)
class GoalFigure:
    """One target of a unit: its value as published (empty: `why` says why), the bar, the three answers by their codes.

    `leads`: the unit leads it; else it works on it.
    """

    goal: str
    target: str
    label: str
    label_en: str
    indicator: str
    value: str
    unit: str
    why: str
    bar: str
    attainment: str
    pace: str
    likelihood: str
    leads: bool


@dataclass(frozen=True)
class GoalFigures:
    """The figures of a unit in a year of data, out of one run; `quoted`: the numbers that a document's text quotes."""

    run: int
    year: int
    rows: tuple[GoalFigure, ...]
    quoted: tuple[QuotedNumber, ...] = ()

    def count(self, attainment: str) -> int:
        """How many targets have this answer."""
        return sum(1 for r in self.rows if r.attainment == attainment)


def figures_of(unit: str, year: int) -> GoalFigures | None:
    """The figures of the goals and targets of a unit, of the newest year with values that is not after `year`.

    Whose a goal is says the office's confirmed division of that year, else the pack's proposal. None before the first
    run, or where the run has no such year.
    """
    state = monitoring.current()
    years = [y for y in state.years if y <= year] if state is not None else []
    if state is None or not years:
        return None
    of = state.run.year if state.run.year in years else max(years)
    return GoalFigures(state.run.number, of, tuple(_rows(state, unit, of)))


def _rows(state: LoadedRun, unit: str, year: int) -> Iterable[GoalFigure]:
    confirmed = Responsibility.objects.filter(year=year, state="confirmed", of__in=list(state.pack.goals))
    parts = {(r.of, str(r.unit_id)): r.leads for r in confirmed.order_by("pk")}
    settled = {of for of, _ in parts}
    for goal in state.pack.goals.values():
        for target in goal.targets:
            if goal.id in settled:
                leads = parts.get((goal.id, unit))
            else:
                leads = _proposed(state, target.id, goal.id, unit, year)
            if leads is not None:
                yield _row(state, goal.id, target, year, leads=leads)


def _proposed(state: LoadedRun, target: str, goal: str, unit: str, year: int) -> bool | None:
    lead = state.pack.lead_of(target, year) or state.pack.lead_of(goal, year)
    if lead is None or unit not in (lead.lead, *lead.with_units):
        return None
    return lead.lead == unit


def _row(state: LoadedRun, goal: str, target: Target, year: int, *, leads: bool) -> GoalFigure:
    found = state.findings(year).of(target.id) or TargetAnswers(target=target.id)
    area, indicator = found.area or state.root, state.pack.indicators.get(found.indicator)
    row = state.rows_of(year).get((year, found.indicator, target.id, area))
    text = state.text(found.indicator, area, year) if indicator is not None else ""
    why = state.series(found.indicator, area).at(year).why_missing if indicator is not None and not text else ""
    bar = row.attainment.bar_text if row is not None and row.attainment is not None else ""
    return GoalFigure(
        goal, target.id, target.label.zh, target.label.en, found.indicator if indicator is not None else "", text,
        shown_unit(indicator.unit) if indicator is not None else "", why, bar, found.attainment, found.pace,
        found.likelihood, leads,
    )  # fmt: skip


def kept(found: GoalFigures | None) -> dict[str, Any] | None:
    """As JSON, for the column."""
    return asdict(found) if found is not None else None


def read(given: Mapping[str, Any] | None) -> GoalFigures | None:
    """From the column."""
    if given is None:
        return None
    rows, numbers = given["rows"], given.get("quoted", ())
    return GoalFigures(
        given["run"], given["year"], tuple(GoalFigure(**row) for row in rows),
        tuple(QuotedNumber(**number) for number in numbers),
    )  # fmt: skip


def quoting_figures(found: GoalFigures | None, text: str, year: int) -> GoalFigures | None:
    """The figures of a document with the numbers that its text quotes, looked up now. UserError as `quoted` does."""
    numbers = quoted(text)
    if found is None:
        return GoalFigures(numbers[0].run, year, (), numbers) if numbers else None
    return replace(found, quoted=numbers)
