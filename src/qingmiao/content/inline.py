"""From targets that carry their own plain series to ordinary indicators and leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from qingmiao.content.areas import AreaItem
from qingmiao.content.base import EvidenceMark, Source
from qingmiao.content.citing import named
from qingmiao.content.indicators import Definition, Indicator
from qingmiao.content.leads import Lead
from qingmiao.content.pack import EntryPlace
from qingmiao.content.plain_series import PlainSeries
from qingmiao.content.plan import Goal, PlanField, PlanHead, Target, TargetKind
from qingmiao.content.targets import WANTED
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.rounding import decimals_of

Places = dict[tuple[str, str], EntryPlace]


@dataclass
class Expanded:
    """The plan without inline series, and what they became."""

    fields: tuple[PlanField, ...]
    indicators: dict[str, Indicator] = field(default_factory=dict)
    leads: list[Lead] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def expand(
    fields: tuple[PlanField, ...],
    *,
    plan: PlanHead | None,
    areas: Mapping[str, AreaItem],
    leads: tuple[Lead, ...],
    known: Mapping[str, Indicator],
    places: Places,
) -> Expanded:
    """Each target's own series as an indicator that implements it; `places` gains where they stand.

    A series without a lead anywhere, or with the id of another indicator, is a fault.
    """
    found = Expanded(fields)
    level = areas[plan.area].level if plan is not None and plan.area in areas else AreaLevel.COUNTY
    for goal, target in _targets(fields):
        series = target.indicator or (PlainSeries() if target.series else None)
        if series is None:
            continue
        where = places.get(("target", target.id), EntryPlace(""))
        own = where.below("indicator" if target.indicator is not None else "series")
        id_ = series.id or target.id
        unit = series.lead or _lead(leads, target.id, goal.id)

        def fault(code: str, message: str, hint: str, own: EntryPlace = own, target: Target = target) -> None:
            found.faults.append(Fault(own.file, own.line, code, message, target.id, hint))

        if id_ in known or id_ in found.indicators:
            other = places.get(("indicators", id_), EntryPlace(""))
            message = f"指标编号「{id_}」重复（{other.file}:{other.line} 已有）"
            fault("duplicate_id", message, "在 indicator 里写另一个 id，或删去其中一个")
            continue
        if unit is None:
            message = f"目标「{target.label}」的指标没有牵头单位"
            fault("missing_key", message, "在 indicator 里写 lead: 单位编号，或在 leads/ 里写这个目标由谁牵头")
            continue
        if series.lead is not None and not _led_by(leads, target.id, goal.id, series.lead):
            found.leads.append(Lead(of=target.id, lead=series.lead, evidence=EvidenceMark.LOCAL))
            places.setdefault(("leads", target.id), own)
        found.indicators[id_] = _indicator(target, series, id_, unit, level, plan)
        places[("indicators", id_)] = own
    if found.indicators or found.faults:
        found.fields = tuple(_without(f) for f in fields)
    return found


def _targets(fields: tuple[PlanField, ...]) -> Iterator[tuple[Goal, Target]]:
    return ((g, t) for f in fields for g in f.goals for t in g.targets)


def _lead(leads: tuple[Lead, ...], *ids: str) -> str | None:
    """Who leads now: the entry that does not end, else the last one; the target's own before its goal's."""
    for id_ in ids:
        own = [x for x in leads if x.of == id_]
        if own:
            return next((x.lead for x in own if x.valid_to is None), own[-1].lead)
    return None


def _led_by(leads: tuple[Lead, ...], target: str, goal: str, unit: str) -> bool:
    """The leads say it already, or say otherwise about this very target (then they count)."""
    return any(x.of == target or (x.of == goal and x.lead == unit) for x in leads)


def _indicator(
    target: Target, series: PlainSeries, id_: str, lead: str, level: AreaLevel, plan: PlanHead | None
) -> Indicator:
    counted = target.kind in (TargetKind.COUNT_AT_LEAST, TargetKind.QUALITATIVE)
    levels = [level, *([AreaLevel(target.level)] if target.level is not None else [])]
    groups: tuple[str, ...] = (target.each.by,) if target.each is not None else ()
    if target.kind is not TargetKind.EVERY_AREA:
        groups = tuple(dict.fromkeys(s.by for s in target.strata))
    document = named(plan.source) if plan is not None else "规划"
    return Indicator(
        id=id_,
        label=target.label,
        implements=(target.id,),
        nature=series.nature or ("count" if counted else "rate"),
        unit=series.unit or target.unit or ("件" if target.kind is TargetKind.QUALITATIVE else ""),
        decimals=series.decimals if series.decimals is not None else 0 if counted else _decimals(target),
        better=series.better or _better(target),
        noise=series.noise,
        period=series.period,
        definitions=(Definition.model_validate({"from": "series"}),),
        by=series.by if series.by is not None else groups,
        levels=series.levels or tuple(dict.fromkeys(levels)),
        natural_limit=series.natural_limit,
        lead=lead,
        comparisons=series.comparisons,
        form=series.form,
        source=series.source or Source(document=document, evidence=EvidenceMark.LOCAL),
        formula=series.formula,
        note=series.note,
    )


def _decimals(target: Target) -> int:
    """As many as the target's own numbers are written with, at least 1."""
    bars = [b for c in (target, *target.strata) for b in c.bars]
    numbers = [n for b in bars for n in (b.value, b.low, b.high, b.points) if n is not None]
    bases = [b.value for b in (target.baseline, *(s.baseline for s in target.strata)) if b is not None]
    return max([1, *(decimals_of(n) for n in (*numbers, *bases) if n is not None)])


def _better(target: Target) -> str:
    kind = TargetKind(target.bound) if target.bound is not None else target.kind
    if kind in WANTED:
        return WANTED[kind]
    if target.relative_to is not None:
        return "higher" if target.relative_to.relation in ("at_least", "above") else "lower"
    return WANTED[TargetKind(target.assigned[0].bound)] if target.assigned else "none"


def _without(f: PlanField) -> PlanField:
    """A field whose targets carry no series: the same as if each had been written in a file of its own."""
    goals = tuple(
        g.model_copy(
            update={"targets": tuple(t.model_copy(update={"indicator": None, "series": False}) for t in g.targets)}
        )
        for g in f.goals
    )
    return f.model_copy(update={"goals": goals})
