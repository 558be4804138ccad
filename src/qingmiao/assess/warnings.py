"""Warnings: what needs somebody's attention, why, from which data, and what would change the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qingmiao.assess.areas import FunnelPoint
from qingmiao.assess.likelihood import Likelihood
from qingmiao.assess.limits import plain
from qingmiao.assess.pace import Pace
from qingmiao.assess.quality import Finding, ReturnStatus
from qingmiao.assess.verdict import Attainment
from qingmiao.assess.volatility import Volatility
from qingmiao.content.organisation import Policy


class WarningKind(StrEnum):
    """Kinds of warnings, by their Chinese names."""

    UNLIKELY = "预计难达标"
    VOLATILE = "波动较大"
    SMALL_SAMPLE = "小样本波动"
    TOWNSHIP = "乡镇超限"
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


@dataclass(frozen=True)
class Subject:
    """What a warning is about."""

    indicator: str
    target: str
    area: str
    year: int
    lead: str
    unit: str


def likely_to_miss(
    subject: Subject, attainment: Attainment, pace: Pace, chance: Likelihood, data: str, policy: Policy
) -> list[Warning]:
    """The probability is in the lowest band, or was not met by the end, or moves away from the target without probability."""
    if chance.band == "unlikely" and chance.raw is not None:
        severity = "高" if attainment.label == "未达标" else "中"
        change = (
            f"{chance.year} 年达到 {attainment.bar_text or '目标值'}；预测为 "
            f"{plain(chance.forecast or 0.0)}{subject.unit}，概率升到 {policy.unlikely:.0%} 以上时解除"
        )
        reason = f"{chance.year} 年达标的概率约 {chance.probability:.0%}（证据等级 {chance.grade}），{chance.reason}"
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


def townships_out(
    subject: Subject,
    common: float,
    points: Iterable[FunnelPoint],
    factor: float,
    level: float,
    *,
    neutral: bool = False,
) -> list[Warning]:
    """One warning for each area beyond the funnel on the bad side; where no side is bad, both sides are information."""
    found: list[Warning] = []
    for p in points:
        if not p.breach or (neutral is False and not p.worse):
            continue
        side = "高于" if p.breach == "high" else "低于"
        reason = (
            f"{p.area.name} {plain(p.rate * factor)}{subject.unit}，{side}漏斗图 {level:.1%} 控制限"
            f"（{plain(p.low * factor)}—{plain(p.high * factor)}），全县 {plain(common * factor)}"
        )
        data = f"{subject.year} 年，分子 {plain(p.area.events)}，分母 {plain(p.area.size)}"
        change = "核对该乡镇数据；数值回到控制限以内即解除"
        made = _made(WarningKind.TOWNSHIP, "中" if p.worse else "提示", reason, data, change, subject)
        found.append(Warning(**{**made.__dict__, "area": p.area.code}))
    return found


def late_returns(statuses: Iterable[ReturnStatus], policy: Policy, leads: dict[str, str]) -> list[Warning]:
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
                f"报表 {s.form}，报送时限",
                "报送并通过审核即解除" if missing else "下一报告期按时报送",
                area=s.area,
                year=s.year,
                lead=leads.get(s.form, ""),
            )
        )
    return found


def quality_warnings(
    findings: Iterable[Finding], *, lead_of: dict[str, str], target_of: dict[str, str]
) -> list[Warning]:
    """Every data-quality finding as a warning; impossible figures are more severe than odd ones."""
    return [
        Warning(
            WarningKind.QUALITY,
            "高" if f.code in ("balance", "negative", "parts") else "中",
            f.message,
            f.data,
            f.fix,
            indicator=f.indicator,
            target=target_of.get(f.indicator, ""),
            area=f.area,
            year=f.year,
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
