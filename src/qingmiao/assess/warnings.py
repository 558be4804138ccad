"""Warnings: what needs somebody's attention, why, from which data, and what would change the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from qingmiao.assess.areas import Funnel
from qingmiao.assess.likelihood import Likelihood
from qingmiao.assess.limits import percent, rounded
from qingmiao.assess.pace import Pace
from qingmiao.assess.quality import DueReturn, QualityFinding
from qingmiao.assess.verdict import Attainment, Verdict
from qingmiao.assess.volatility import Volatility
from qingmiao.content.policy import Policy, WarningKind
from qingmiao.kernel.deadlines import days_overdue


@dataclass(frozen=True)
class FoundWarning:
    """One warning. `severity` is 高, 中 or 提示; `lead` the id of the unit to act; year is that of the data.

    `told` says in plain words where, when and what; `reason` adds how it was found (tests, limits, chances).
    """

    kind: WarningKind
    severity: str
    told: str
    reason: str
    data_used: str
    what_would_change: str
    indicator: str = ""
    target: str = ""
    area: str = ""
    year: int | None = None
    lead: str = ""
    areas: tuple[str, ...] = ()
    """The lower areas that it is about, where it names some."""
    subject: str = ""
    """What it is about, where that is no indicator: a fact table, a return."""
    brief: str = ""
    """The data used in short, where the whole is long."""
    due: date | None = None
    """The day by which what is still missing was due; how late it is depends on the day that it is read."""

    def said(self, on: date) -> str:
        """In plain words on a day: `told`, and how many days what is missing is overdue."""
        return said_on(self.told, self.due, on)


def said_on(told: str, due: date | None, on: date) -> str:
    """`told` as of a day: how many days what was due by `due` and is missing is overdue."""
    days = days_overdue(due, on) if due is not None else 0
    return f"{told}，已逾期 {days} 天" if days else told


@dataclass(frozen=True)
class Subject:
    """What a warning is about."""

    indicator: str
    target: str
    area: str
    year: int
    lead: str
    unit: str
    decimals: int
    name: str = ""
    """What people call the indicator."""
    place: str = ""
    """What people call the area."""
    value: float | None = None
    """The year's own value, unrounded."""

    @property
    def about(self) -> str:
        """乙县婴儿死亡率."""
        return f"{self.place}{self.name}"

    @property
    def now(self) -> str:
        """2024 年为 5.3‰; that there is none where there is none."""
        if self.value is None:
            return f"{self.year} 年没有数值"
        return f"{self.year} 年为 {rounded(self.value, self.decimals)}{self.unit}"


def not_attained(subject: Subject, attainment: Attainment, pace: Pace, data: str, *, due: bool) -> list[FoundWarning]:
    """Not met in a year in which the bar binds, or too slow on the way there; nothing where the pace is good.

    `due`: the milestone or the plan's end is reached, or the plan says "keep". Before that a slow pace warns; where no
    pace can be told (no start, a direction without a number), not being there yet is information.
    """
    if attainment.verdict is not Verdict.NOT_MET:
        return []
    judged = _first(attainment.reason)
    goal = attainment.bar_text or "目标"
    if due:
        told = f"{subject.about}：{judged}"
        change = f"数值达到 {goal}；更正数据后重新研判"
        return [_made(WarningKind.NOT_MET, "高", told, attainment.reason, data, change, subject)]
    by = f"{attainment.bar_year} 年目标 {goal}" if attainment.bar_year else goal
    if pace.name in SLOW:
        told = f"{subject.about}：{subject.now}，{by}，{pace.reason}"
        reason = f"{pace.label}：{pace.reason}；{attainment.reason}"
        severity = "中" if pace.name == "behind" else "高"
        change = "完成所需变化的份额赶上已用时间的份额即解除"
        return [_made(WarningKind.BEHIND, severity, told, reason, data, change, subject)]
    if pace.name == "undetermined":
        told = f"{subject.about}：{judged}；目标年 {attainment.bar_year} 年未到，进度无法判断"
        reason = f"{attainment.reason}；进度：{pace.reason}"
        return [_made(WarningKind.NOT_MET, "提示", told, reason, data, f"数值达到 {goal}", subject)]
    return []


SLOW = ("behind", "far_behind", "away")
"""The words of pace that warn."""


def _first(reason: str) -> str:
    """The judgement itself, without what the plan's words and small numbers add."""
    return reason.partition("；")[0]


def likely_to_miss(
    subject: Subject, attainment: Attainment, chance: Likelihood, data: str, policy: Policy
) -> list[FoundWarning]:
    """The probability of being met by the target's year lies in the lowest band."""
    if chance.band != "unlikely" or chance.raw is None:
        return []
    severity = "高" if attainment.verdict is Verdict.NOT_MET else "中"
    goal = attainment.bar_text or "目标值"
    change = (
        f"{chance.year} 年达到 {goal}；预测为 "
        f"{rounded(chance.forecast or 0.0, subject.decimals)}{subject.unit}，概率升到 {percent(policy.unlikely)} 以上时解除"
    )
    told = f"{subject.about}：{subject.now}，照目前的走势，{chance.year} 年难以达到 {goal}"
    reason = (
        f"{chance.year} 年达标的概率约 {percent(chance.probability or 0.0)}（证据等级 {chance.grade}），{chance.reason}"
    )
    return [_made(WarningKind.UNLIKELY, severity, told, reason, data, change, subject)]


def swings(subject: Subject, found: Volatility, data: str) -> list[FoundWarning]:
    """Volatile only where noise alone does not explain the swings; small numbers are information only."""
    if found.kind == "volatile":
        change = "查明起伏原因（口径、漏报或真实变化）；修正数据后起伏回到偶然范围即解除"
        told = f"{subject.about}：{subject.now}，近年起伏大，不能用偶然解释，须查明原因"
        return [_made(WarningKind.VOLATILE, "中", told, found.reason, data, change, subject)]
    if found.kind == "small_sample":
        change = "不必逐年解读；看多年合并值，起伏超出偶然范围时才升级"
        told = f"{subject.about}：{subject.now}，人数（件数）少，逐年起伏属偶然，不宜按单年下结论"
        return [_made(WarningKind.SMALL_SAMPLE, "提示", told, found.reason, data, change, subject)]
    return []


def areas_out(
    subject: Subject,
    made_funnel: Funnel,
    factor: float,
    level: float,
    *,
    neutral: bool = False,
) -> list[FoundWarning]:
    """One warning for all areas beyond the funnel on the bad side; where no side is bad, both sides are information.

    Each area is named with its value, limits and counts; the worst (farthest beyond its limit) first.
    """
    out = [p for p in made_funnel.points if p.breach and (neutral or p.worse)]
    if not out:
        return []
    out.sort(key=lambda p: p.rate - p.high if p.breach == "high" else p.low - p.rate, reverse=True)

    def told(value: float) -> str:
        return rounded(value * factor, subject.decimals)

    places = [
        f"{p.area.name} {told(p.rate)}{subject.unit}（{'高于' if p.breach == 'high' else '低于'}控制限 "
        f"{told(p.high if p.breach == 'high' else p.low)}{subject.unit}）"
        for p in out
    ]
    reason = f"超出漏斗图 {percent(level, 1)} 控制限：{'、'.join(places)}；合计 {told(made_funnel.total)}{subject.unit}"
    if made_funnel.apart:
        rest = len(made_funnel.points) - len(made_funnel.apart)
        reason += f"；界限按其余 {rest} 地的 {told(made_funnel.rate)}{subject.unit} 算"
    if made_funnel.dispersion > 1:
        reason += f"；各地差异普遍大于偶然（过度离散 {rounded(made_funnel.dispersion, 1)} 倍），界限已放宽"
    sides = [
        f"{'、'.join(f'{p.area.name} {told(p.rate)}{subject.unit}' for p in out if p.breach == side)} 明显{word}"
        for side, word in (("high", "偏高"), ("low", "偏低"))
        if any(p.breach == side for p in out)
    ]
    every = f"全部 {len(made_funnel.points)} 地合计 {told(made_funnel.total)}{subject.unit}"
    plain = f"{subject.name}：{subject.year} 年{'，'.join(sides)}；{every}"
    counts = [f"{p.area.name} {rounded(p.area.events, 0)}/{rounded(p.area.size, 0)}" for p in out]
    data = f"{subject.year} 年分子/分母：{'，'.join(counts)}"
    severity = "中" if any(p.worse for p in out) else "提示"
    made = _made(
        WarningKind.AREAS, severity, plain, reason, data, "核对所列地区的数据；数值回到控制限以内即解除", subject
    )
    return [replace(made, areas=tuple(p.area.code for p in out))]


def late_returns(
    statuses: Iterable[DueReturn], policy: Policy, leads: dict[str, str], places: Mapping[str, str]
) -> list[FoundWarning]:
    """A return later than `policy.late_days`: missing when it has not come, late when it came.

    `leads` names who reports a return, `places` what an area is called.
    """
    found: list[FoundWarning] = []
    for s in statuses:
        days = s.days_late()
        if days <= policy.late_days:
            continue
        missing = s.received is None
        name = s.label or s.return_id
        which = f"{places.get(s.area, '')}{name}（{s.year} 年）应于 {s.due.isoformat()} 前报送，"
        told = which + ("仍未收到" if missing else f"实际迟 {days} 天")
        found.append(
            FoundWarning(
                WarningKind.RETURN_MISSING if missing else WarningKind.RETURN_LATE,
                "高" if missing else "提示",
                told,
                which + f"至 {s.as_of.isoformat()} 仍未收到，已逾期 {days} 天" if missing else told,
                f"报表「{name}」的报送时限",
                "报送并通过审核即解除" if missing else "下一报告期按时报送",
                area=s.area,
                year=s.year,
                subject=name,
                lead=leads.get(s.return_id, ""),
                due=s.due if missing else None,
            )
        )
    return found


def quality_warnings(
    findings: Iterable[QualityFinding],
    *,
    lead_of: Mapping[str, str],
    target_of: Mapping[str, str],
    names: Mapping[str, str],
    places: Mapping[str, str],
) -> list[FoundWarning]:
    """Every data-quality finding as a warning; impossible figures are more severe than odd ones.

    `names` and `places`: what indicators and areas are called.
    """
    return [
        FoundWarning(
            WarningKind.QUALITY,
            "高" if f.code in ("balance", "impossible", "negative", "parts") else "中",
            _told_of_data(f, names, places),
            f.message + (f"（{f.basis}）" if f.basis else ""),
            f.data,
            f.fix,
            indicator=f.indicator,
            target=target_of.get(f.indicator, ""),
            area=f.area,
            year=f.year,
            subject=f.subject,
            lead=lead_of.get(f.indicator, "") or f.lead,
        )
        for f in findings
    ]


def _told_of_data(f: QualityFinding, names: Mapping[str, str], places: Mapping[str, str]) -> str:
    """乙县婴儿死亡率：2024 年分子大于分母（分子 428，分母 427）; files are told as evidence only."""
    about = places.get(f.area, "") + (names.get(f.indicator) or f.subject)
    figures = f"（{f.data}）" if f.indicator and f.data else ""
    return f"{about}：{f.message}{figures}" if about else f.message + figures


def _made(
    kind: WarningKind, severity: str, told: str, reason: str, data: str, change: str, subject: Subject
) -> FoundWarning:
    return FoundWarning(
        kind,
        severity,
        told,
        reason,
        data,
        change,
        indicator=subject.indicator,
        target=subject.target,
        area=subject.area,
        year=subject.year,
        lead=subject.lead,
    )
