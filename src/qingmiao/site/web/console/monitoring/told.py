"""Warnings as pages tell them: in words, with the place and the unit in charge; and how far a year's data have come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow.compute as pc

from qingmiao.assess.warnings import FoundWarning
from qingmiao.content.base import Label
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.web.console.monitoring.shown import called

SEVERITIES = {"高": ("high", "bad"), "中": ("medium", "warn"), "提示": ("note", "")}
"""Severity → its English word and its colour, the gravest first."""


@dataclass(frozen=True)
class NamedWarning:
    """A warning with the words for what it is about, where, and who leads; empty where it has none."""

    w: api.KeptWarning
    about: Label | None
    area_name: str
    """Empty for the county itself."""
    lead_label: str
    goal: str
    """The goal that its target belongs to."""

    @property
    def severity(self) -> str:
        """In Chinese."""
        return self.w.severity

    @property
    def severity_en(self) -> str:
        """In English."""
        return SEVERITIES.get(self.w.severity, ("", ""))[0]

    @property
    def tone(self) -> str:
        """Its colour."""
        return SEVERITIES.get(self.w.severity, ("", ""))[1]


def named(w: api.KeptWarning, state: LoadedRun) -> NamedWarning:
    """One warning in words."""
    pack = state.pack
    about = None
    if w.target in pack.targets:
        about = pack.targets[w.target].label
    elif w.indicator in pack.indicators:
        about = pack.indicators[w.indicator].label
    area = pack.areas[w.area].name if w.area in pack.areas and w.area != state.root else ""
    goal = pack.goal_of(w.target).id if w.target in pack.targets else ""
    return NamedWarning(w, about, area, called(pack, w.lead), goal)


def told(
    state: LoadedRun, year: int, *, indicators: Iterable[str] = (), targets: Iterable[str] = (), area: str = ""
) -> list[NamedWarning]:
    """The warnings of a year about some indicators, targets or an area, the gravest first.

    Those of the run's own year have numbers and may become tasks; an earlier year's are assessed again (number 0).
    """
    ids, aims = set(indicators), set(targets)
    found = [
        named(w, state)
        for w in held(state, year)
        if w.target in aims or w.indicator in ids or (area and (w.area == area or area in w.areas))
    ]
    order = list(SEVERITIES)
    return sorted(found, key=lambda n: (order.index(n.severity) if n.severity in order else 9, n.w.number))


def held(state: LoadedRun, year: int) -> tuple[api.KeptWarning, ...]:
    """All warnings of a year."""
    if year == state.run.year:
        return api.warnings()
    return tuple(_as_kept(w, state) for w in state.assessment(year).warnings)


def _as_kept(w: FoundWarning, state: LoadedRun) -> api.KeptWarning:
    return api.KeptWarning(
        0, "", w.kind.value, w.severity, w.target, w.indicator, w.area, w.areas, w.year, w.lead, w.told, w.reason,
        w.data_used, w.what_would_change, state.run.made_at, "", None,
    )  # fmt: skip


def counted(state: LoadedRun, year: int) -> api.Counted:
    """How many warnings a year has, those of data and returns apart."""
    if year == state.run.year:
        return api.counted()
    kinds = [w.kind for w in state.assessment(year).warnings]
    of_data = sum(k.of_data for k in kinds)
    return api.Counted(len(kinds) - of_data, of_data, (year,))


@dataclass(frozen=True)
class YearStand:
    """How far a year's data have come: indicators with a value of the county among all, returns accepted among those
    due.
    """

    indicators: int
    measured: int
    accepted: int
    filings: int
    begun: bool
    """Fewer than half of what the fullest year has, or fewer than half of its returns accepted: not to be quoted
    yet.
    """


def year_stand(state: LoadedRun, year: int) -> YearStand:
    """How far the data of a year have come now."""
    by_year = _measured(state)
    measured, usual = by_year.get(year, 0), max(by_year.values(), default=0)
    accepted, filings = returns.accepted_in(year)
    begun = 2 * measured < usual or 2 * accepted < filings
    return YearStand(len(state.pack.indicators), measured, accepted, filings, begun)


def _measured(state: LoadedRun) -> dict[int, int]:
    """Year → how many indicators have a value of the whole county; counted once a run."""
    found: dict[int, int] | None = state.counts.get("measured")
    if found is None:
        table = state.values
        keep = pc.and_(pc.equal(table["area"], state.root), pc.is_valid(table["value"]))
        for name in table.column_names:
            if name not in (*FIXED_BEFORE, *FIXED_AFTER):
                keep = pc.and_(keep, pc.is_null(table[name]))
        counted = table.filter(keep).group_by("year").aggregate([("indicator", "count_distinct")])
        pairs = zip(counted["year"].to_pylist(), counted["indicator_count_distinct"].to_pylist(), strict=True)
        found = state.counts["measured"] = dict(pairs)
    return found
