"""Warnings: what needs somebody's attention, why, from which data, and what would change the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from qingmiao.assess.areas import Funnel
from qingmiao.assess.likelihood import Likelihood
from qingmiao.assess.limits import percent, rounded
from qingmiao.assess.pace import Pace
from qingmiao.assess.quality import DueReturn, QualityFinding
from qingmiao.assess.verdict import Attainment
from qingmiao.assess.volatility import Volatility
from qingmiao.content.policy import Policy


class WarningKind(StrEnum):
    """Kinds of warnings, by their Chinese names."""

    UNLIKELY = "预计难达标"
    VOLATILE = "波动较大"
    SMALL_SAMPLE = "小样本波动"
    AREAS = "地区超限"
    RETURN_LATE = "报表迟报"
    RETURN_MISSING = "报表缺报"
    QUALITY = "数据质量"


@dataclass(frozen=True)
class Warning:
    """One warning. `severity` is 高, 中 or 提示; `lead` the id of the unit to act; year is that of the data."""

    kind: WarningKind
    severity: str
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


def likely_to_miss(
    subject: Subject, attainment: Attainment, pace: Pace, chance: Likelihood, data: str, policy: Policy
) -> list[Warning]:
    """The probability is in the lowest band, or was not met by the end, or moves away from the target without probability."""
    if chance.band == "unlikely" and chance.raw is not None:
        severity = "高" if attainment.label == "未达标" else "中"
        change = (
            f"{chance.year} 年达到 {attainment.bar_text or '目标值'}；预测为 "
            f"{rounded(chance.forecast or 0.0, subject.decimals)}{subject.unit}，概率升到 {percent(policy.unlikely)} 以上时解除"
        )
        reason = f"{chance.year} 年达标的概率约 {percent(chance.probability or 0.0)}（证据等级 {chance.grade}），{chance.reason}"
        return [_made(WarningKind.UNLIKELY, severity, reason, data, change, subject)]
    if chance.raw is None and attainment.label == "未达标" and pace.name == "away":
        reason = f"{attainment.reason}；{pace.reason}；没有足够数据给出概率（{chance.reason}）"
        change = f"达到 {attainment.bar_text}，或朝目标方向变化"
        return [_made(WarningKind.UNLIKELY, "中", reason, data, change, subject)]
    return []


def swings(subject: Subject, found: Volatility, data: str) -> list[Warning]:
    """Volatile only where noise alone does not explain the swings; small numbers are information only."""
    if found.kind == "volatile":
        change = "查明起伏原因（口径、漏报或真实变化）；修正数据后离散度检验不显著即解除"
        return [_made(WarningKind.VOLATILE, "中", found.reason, data, change, subject)]
    if found.kind == "small_sample":
        change = "不必逐年解读；看多年合并值，数值超出控制限且检验显著时才升级"
        return [_made(WarningKind.SMALL_SAMPLE, "提示", found.reason, data, change, subject)]
    return []


def areas_out(
    subject: Subject,
    made_funnel: Funnel,
    factor: float,
    level: float,
    *,
    neutral: bool = False,
) -> list[Warning]:
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
    counts = [f"{p.area.name} {rounded(p.area.events, 0)}/{rounded(p.area.size, 0)}" for p in out]
    data = f"{subject.year} 年分子/分母：{'，'.join(counts)}"
    severity = "中" if any(p.worse for p in out) else "提示"
    made = _made(WarningKind.AREAS, severity, reason, data, "核对所列地区的数据；数值回到控制限以内即解除", subject)
    return [replace(made, areas=tuple(p.area.code for p in out))]


def late_returns(statuses: Iterable[DueReturn], policy: Policy, leads: dict[str, str]) -> list[Warning]:
    """A return later than `policy.late_days`: missing when it has not come, late when it came."""
    found: list[Warning] = []
    for s in statuses:
        days = s.days_late()
        if days <= policy.late_days:
            continue
        missing = s.received is None
        name = s.label or s.form
        reason = f"{name}（{s.year} 年）" + (
            f"应于 {s.due.isoformat()} 前报送，至 {s.as_of.isoformat()} 仍未收到，已逾期 {days} 天"
            if missing
            else f"应于 {s.due.isoformat()} 前报送，实际迟 {days} 天"
        )
        found.append(
            Warning(
                WarningKind.RETURN_MISSING if missing else WarningKind.RETURN_LATE,
                "高" if missing else "提示",
                reason,
                f"报表「{name}」的报送时限",
                "报送并通过审核即解除" if missing else "下一报告期按时报送",
                area=s.area,
                year=s.year,
                subject=name,
                lead=leads.get(s.form, ""),
            )
        )
    return found


def quality_warnings(
    findings: Iterable[QualityFinding], *, lead_of: dict[str, str], target_of: dict[str, str]
) -> list[Warning]:
    """Every data-quality finding as a warning; impossible figures are more severe than odd ones."""
    return [
        Warning(
            WarningKind.QUALITY,
            "高" if f.code in ("balance", "impossible", "negative", "parts") else "中",
            f.message,
            f.data,
            f.fix,
            indicator=f.indicator,
            target=target_of.get(f.indicator, ""),
            area=f.area,
            year=f.year,
            subject=f.subject,
            lead=lead_of.get(f.indicator, ""),
        )
        for f in findings
    ]


def _made(kind: WarningKind, severity: str, reason: str, data: str, change: str, subject: Subject) -> Warning:
    return Warning(
        kind,
        severity,
        reason,
        data,
        change,
        indicator=subject.indicator,
        target=subject.target,
        area=subject.area,
        year=subject.year,
        lead=subject.lead,
    )
