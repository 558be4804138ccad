"""Assess a whole pack: every indicator and area, every target, the attainment rate, the warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa

from qingmiao.assess.checks import data_findings, row_warnings
from qingmiao.assess.parts import could_turn
from qingmiao.assess.quality import DueReturn, QualityFinding
from qingmiao.assess.remembered import RowMemory
from qingmiao.assess.rows import AssessedRow, assessment_table, warnings_table
from qingmiao.assess.subject_rows import LOCAL_KINDS, PlanScope, place_of, plain_row, target_row
from qingmiao.assess.values import SeriesStore, read_values
from qingmiao.assess.verdict import Verdict
from qingmiao.assess.warnings import FoundWarning, late_returns, quality_warnings
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.policy import Policy
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import Period
from qingmiao.kernel.rounding import half_up


@dataclass(frozen=True)
class TargetVerdict:
    """One target: met only if all deciding indicators are, not met if one is not, else open with the reason."""

    target: str
    verdict: Verdict
    reason: str
    indicators: tuple[str, ...] = ()
    boundary: bool = False

    @property
    def label(self) -> str:
        """Chinese verdict."""
        return self.verdict.label


@dataclass(frozen=True)
class AttainmentRate:
    """Targets met out of those that can be monitored; the rest is listed with its reasons, never counted."""

    met: int
    monitored: int
    total: int
    unmonitored: tuple[TargetVerdict, ...]

    @property
    def own(self) -> int:
        """The targets that are not left to a superior."""
        return self.total - sum(v.verdict is Verdict.BY_SUPERIOR for v in self.unmonitored)

    @property
    def share(self) -> float | None:
        """met ÷ monitored; None where nothing can be monitored."""
        return self.met / self.monitored if self.monitored else None

    def told(self, policy: Policy) -> str:
        """The share in per cent, half up to one decimal; empty where the policy finds too few targets judged."""
        if not policy.tells_rate(self.monitored, self.own):
            return ""
        return str(half_up(Fraction(self.met, self.monitored) * 100, 1))


@dataclass(frozen=True)
class Assessment:
    """The outcome for one year."""

    year: int
    rows: tuple[AssessedRow, ...]
    targets: dict[str, TargetVerdict]
    rate: AttainmentRate
    warnings: tuple[FoundWarning, ...]

    def table(self) -> pa.Table:
        """Rows with the columns of assessment.csv."""
        return assessment_table(self.rows)

    def warnings_table(self) -> pa.Table:
        """Warnings with the columns of warnings.csv."""
        return warnings_table(self.warnings)

    def row(self, indicator: str, target: str, area: str) -> AssessedRow | None:
        """The row of one indicator, target and area, or None."""
        wanted = (indicator, target, area)
        return next((r for r in self.rows if (r.indicator, r.target, r.area) == wanted), None)


def assess_pack(
    pack: Pack,
    values: pa.Table,
    *,
    year: int,
    return_status: Sequence[DueReturn] = (),
    findings: Sequence[QualityFinding] = (),
    memory: RowMemory | None = None,
) -> Assessment:
    """Assess all indicators of `pack` from measured `values` (columns: see the measure result) as of `year`.

    `return_status` are calendar facts about returns (those of `year` count), `findings` data-quality findings made
    while collecting; both only become warnings. `memory` gives rows again that were made of the same.

    Never raises for odd data: what cannot be decided is 无法判定 with its reason.
    """
    store = read_values(pack, values, year=year)
    place = place_of(pack, year)
    rows: list[AssessedRow] = []
    for indicator in pack.indicators.values():
        targets = [pack.targets[t] for t in indicator.implements if t in pack.targets]
        for target in targets:
            rows.append(target_row(pack, store, indicator, target, place.area, place, memory))
            if target.kind in LOCAL_KINDS and not pack.left_to(pack.goal_of(target.id).id):
                rows.extend(
                    target_row(pack, store, indicator, target, area, place, memory)
                    for area in lower_areas(pack, store, indicator, place)
                )
        if not targets:
            areas = (place.area, *lower_areas(pack, store, indicator, place))
            rows.extend(plain_row(pack, store, indicator, area, place, memory) for area in areas)
    verdicts = {t: _target_verdict(pack, t, rows, place.area) for t in pack.targets}
    found = [*findings, *data_findings(pack, store, place)]
    places = {a.code: a.name for a in pack.areas.values()}
    warnings = [
        *row_warnings(pack, store, rows, place),
        *late_returns(
            [s for s in return_status if s.year == year],
            pack.policy,
            {r.id: r.reporter for r in pack.returns.values()},
            places,
        ),
        *quality_warnings(
            found,
            lead_of={i: pack.in_charge(i, year) for i in pack.indicators},
            target_of={i.id: i.implements[0] if i.implements else "" for i in pack.indicators.values()},
            names={i.id: i.label.zh for i in pack.indicators.values()},
            places=places,
        ),
    ]
    wanted = tuple(w for w in warnings if w.kind not in pack.policy.warnings_off)
    return Assessment(year, tuple(rows), verdicts, _rate(verdicts), wanted)


def lower_areas(pack: Pack, store: SeriesStore, indicator: Indicator, place: PlanScope) -> tuple[str, ...]:
    """Areas just below the plan's own (townships for a county) that exist at the year's end and have values, in the
    pack's order."""
    tree, end = pack.area_tree, Period(indicator.period, place.year).end
    area = tree.get(place.area)
    if area is None:
        return ()
    measured = set(store.areas_of.get(indicator.id, ()))
    below = [level for level in AreaLevel if level.depth > area.level.depth]
    for level in below:
        areas = tree.under(place.area, level, end)
        if areas:
            return tuple(a.code for a in areas if a.code in measured)
    return ()


def _target_verdict(pack: Pack, target: str, rows: Sequence[AssessedRow], root: str) -> TargetVerdict:
    left_to = pack.left_to(pack.goal_of(target).id)
    if left_to:
        reason = f"由上级负责（{left_to}），不计入达标率"
        return TargetVerdict(target, Verdict.BY_SUPERIOR, reason)
    deciding = [r for r in rows if r.target == target and r.area == root and r.attainment is not None]
    answers = [(r, r.attainment) for r in deciding if r.attainment is not None]
    if not answers:
        return TargetVerdict(target, Verdict.UNDETERMINED, "无指标：没有指标来判定这一目标")
    names = tuple(r.indicator for r in deciding)
    kinds = [a.verdict for _, a in answers]
    for verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED, Verdict.PENDING, Verdict.BY_SUPERIOR):
        if verdict in kinds:
            break
    else:
        verdict = Verdict.MET
    told = [
        f"{pack.indicators[r.indicator].label.zh}：{a.reason}" if len(answers) > 1 else a.reason
        for r, a in answers
        if verdict is Verdict.MET or a.verdict is verdict
    ]
    return TargetVerdict(target, verdict, "；".join(told), names, could_turn(verdict, [a for _, a in answers]))


def _rate(verdicts: dict[str, TargetVerdict]) -> AttainmentRate:
    decided = [v for v in verdicts.values() if v.verdict.is_decided]
    return AttainmentRate(
        sum(v.verdict is Verdict.MET for v in decided),
        len(decided),
        len(verdicts),
        tuple(v for v in verdicts.values() if not v.verdict.is_decided),
    )
