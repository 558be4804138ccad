"""What the monitoring pages show, as plain values: marks, values, rows of targets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.http import Http404

from qingmiao.assess.subject_rows import shown_unit
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Goal, Target
from qingmiao.figures.findings import TargetAnswers
from qingmiao.figures.marks import ATTAINMENT, LIKELIHOOD, PACE, Mark
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.api import Dims, LoadedRun
from qingmiao.site.web.ui.filters import Option, units_of
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.language import t

TONES = {
    "met": "good", "on_track": "good", "likely": "good",
    "behind": "warn", "uncertain": "warn",
    "not_met": "bad", "far_behind": "bad", "away": "bad", "unlikely": "bad",
}  # fmt: skip
"""Colour of a state; all others are grey. The sign and the word say the same without colour."""

ENGLISH = {
    "达标": "met", "未达标": "not met", "无法判定": "undetermined", "待下达": "awaiting", "由上级负责": "left to a higher level",
    "已完成": "done", "进度正常": "on track", "进度滞后": "behind", "明显滞后": "far behind", "背离目标": "moving away",
    "不作判断": "not judged",
    "预计可达标": "likely", "不确定": "uncertain", "预计难达标": "unlikely", "数据不足": "too few data", "不适用": "not applicable",
}  # fmt: skip


@dataclass(frozen=True)
class Sign:
    """One of the three answers: sign, words, tone and why."""

    sign: str
    zh: str
    en: str
    tone: str
    why: str
    code: str


def sign(mark: Mark, why: str) -> Sign:
    """A mark of the report as the pages show it."""
    return Sign(mark.sign, mark.label, ENGLISH.get(mark.label, mark.label), TONES.get(mark.code, ""), why, mark.code)


@dataclass(frozen=True)
class Shown:
    """One number with the way to its lineage; `text` is empty where there is none, then `why` says why."""

    indicator: str
    area: str
    year: int
    text: str
    unit: str
    why: str = ""
    dims: str = ""
    """"sex=F,grade=P1" for a group."""


def shown(state: LoadedRun, indicator: str, area: str, year: int, dims: Dims = ()) -> Shown:
    """A value as it is shown anywhere."""
    found = state.pack.indicators.get(indicator)
    text = state.text(indicator, area, year, dims)
    why = "" if text else state.series(indicator, area).at(year).why_missing
    return Shown(
        indicator,
        area,
        year,
        text,
        shown_unit(found.unit) if found else "",
        why,
        ",".join(f"{n}={c}" for n, c in dims),
    )


@dataclass(frozen=True)
class WallRow:
    """One target on the wall."""

    target: Target
    goal: Goal
    field: str
    value: Shown | None
    before: Shown | None
    bar: str
    attainment: Sign
    pace: Sign
    likelihood: Sign
    probability: str
    lead: str
    lead_label: str
    proposed: bool


def target_row(state: LoadedRun, target: Target, year: int) -> WallRow:
    """The three answers for one target, kept apart."""
    pack = state.pack
    finding = state.findings(year).of(target.id) or TargetAnswers(target=target.id)
    lead = pack.lead_of(target.id, year) or pack.lead_of(pack.goal_of(target.id).id, year)
    row = state.rows_of(year).get((year, finding.indicator, target.id, finding.area or state.root))
    has = finding.indicator in pack.indicators
    area = finding.area or state.root
    probability = finding.numbers.get("probability")
    return WallRow(
        target,
        pack.goal_of(target.id),
        next(f.id for f in pack.fields if pack.goal_of(target.id) in f.goals),
        shown(state, finding.indicator, area, year) if has else None,
        shown(state, finding.indicator, area, year - 1) if has else None,
        row.attainment.bar_text if row is not None and row.attainment is not None else "",
        sign(
            ATTAINMENT.get(finding.attainment, ATTAINMENT["undetermined"]),
            finding.attainment_reason or "没有指标对应，未作研判",
        ),
        sign(PACE.get(finding.pace, PACE["undetermined"]), finding.pace_reason),
        sign(LIKELIHOOD.get(finding.likelihood, LIKELIHOOD["none"]), finding.likelihood_reason),
        probability.shown or f"{probability.value:.2f}" if probability else "",
        lead.lead if lead else "",
        called(pack, lead.lead if lead else "") or t("待确定", "not settled"),
        bool(lead and lead.evidence.value != "official"),
    )


def called(pack: Pack, unit: str) -> str:
    """A unit's name as pages say it: the short one where it has one; empty for none."""
    found = pack.organisations.get(unit)
    return (found.short or found.label.zh) if found is not None else ""


def code_label(pack: Pack, dimension: str, code: str, indicator: str = "") -> str:
    """A group's word."""
    return pack.code_label(indicator, dimension, code)


def state_or_404() -> LoadedRun:
    """The newest run; a site without one shows that nothing has been measured yet."""
    found = api.current()
    if found is None:
        raise Http404
    return found


def year_of(state: LoadedRun, asked: str) -> int:
    """The year that the page asks for, if the run has it; else the run's newest."""
    found = whole(asked, None)
    return found if found in state.years else state.run.year


def leads(state: LoadedRun, year: int) -> tuple[Option, ...]:
    """The units that lead a goal or are in charge of an indicator in a year, as a filter offers them."""
    return units_of(_leads(state.pack.digest, year))


@lru_cache(maxsize=64)
def _leads(digest: str, year: int) -> frozenset[str]:
    """Of the site's pack, which its digest names."""
    pack = api.pack()
    found = [pack.lead_of(x, year) for x in (*pack.goals, *pack.targets)]
    return frozenset({x.lead for x in found if x is not None} | {pack.in_charge(i, year) for i in pack.indicators})
