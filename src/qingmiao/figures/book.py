"""The book of numbers of one run: measured values, findings, counts, published series and settings, looked up by
reference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.assess import limits
from qingmiao.assess.change_targets import point_word
from qingmiao.assess.parts import group_part
from qingmiao.assess.subject_rows import shown_unit
from qingmiao.assess.values import FIXED, each_row
from qingmiao.content import Pack
from qingmiao.content.bars import share_of
from qingmiao.content.citing import cited, method_cited
from qingmiao.content.indicators import Indicator
from qingmiao.content.plan import Bar, Target
from qingmiao.figures.entries import AppendixEntry
from qingmiao.figures.findings import AreaLimits, Findings, Notice, TargetAnswers
from qingmiao.figures.numbers import (
    ChangeOf,
    CountOf,
    Dims,
    FindingOf,
    LimitOf,
    NumberRef,
    PlanNumberOf,
    PublishedOf,
    RateOf,
    SettingOf,
    ValueOf,
    WordsRef,
)
from qingmiao.kernel.rounding import decimals_of, half_up

_ORIGINS = {"facts": "个案数据", "returns": "统计报表", "series": "年度序列", "combine": "由其他指标计算"}
SETTINGS = {
    "discount": "罕见事件逐年折扣系数",
    "prior_years": "先验相当于本地区数据的年数",
    "min_points": "预测所需的最少可比年份",
    "shown_low": "概率显示的下限",
    "shown_high": "概率显示的上限",
    "likely": "“预计可达标”的界限",
    "unlikely": "“预计难达标”的界限",
    "pace_on_track": "“进度正常”的界限",
    "pace_behind": "“进度滞后”的界限",
    "interval_level": "置信水平（%）",
    "rate_coverage": "计算达标率所需的可判定比例（%）",
}
"""What the settings that a report quotes are called."""


@dataclass(frozen=True)
class FoundNumber:
    """A number as looked up: its text, the value to draw, its entry (not yet numbered)."""

    text: str
    value: float
    entry: AppendixEntry
    exact: bool = True
    """False for a published bound (>99): it is told, never drawn or subtracted."""


@dataclass(frozen=True, slots=True)
class MeasuredValue:
    """One measured value."""

    value: float | None
    numerator: float | None
    denominator: float | None
    status: str
    origin: str
    version: int
    bound: str = ""
    """What is published where no exact value is: ">99"."""


def _exact(cell: MeasuredValue, factor: float) -> Fraction | float:
    """The unrounded value as a fraction where numerator and denominator give it, so that a tie is rounded as a tie."""
    if cell.value is None:
        raise ValueError("a missing value has no exact form")
    if cell.numerator is not None and cell.denominator:
        ratio = Fraction(repr(cell.numerator)) * Fraction(repr(factor)) / Fraction(repr(cell.denominator))
        if math.isclose(float(ratio), cell.value, rel_tol=1e-9, abs_tol=1e-12):
            return ratio
    return cell.value


def number_text(value: Fraction | float, decimals: int) -> str:
    """Half-up with fixed decimals and a real minus sign."""
    return str(half_up(value, decimals)).replace("-", "−")


def count_text(value: float | None) -> str:
    """A numerator or denominator: whole numbers without decimals, others as short as they are."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else number_text(value, min(6, decimals_of(value)))


@dataclass(frozen=True)
class Book:
    """Looks numbers and words up; every method gives None for what is not in the run.

    `counts`: name → (what is counted, the ids counted).
    """

    pack: Pack
    values: pa.Table
    findings: Findings
    year: int
    snapshot_id: str = ""
    run_id: str = ""
    counts: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    @cached_property
    def _dimensions(self) -> tuple[str, ...]:
        return tuple(c for c in self.values.column_names if c not in FIXED)

    @cached_property
    def _totals(self) -> dict[tuple[str, str, int], MeasuredValue]:
        """All values without a breakdown."""
        table = self.values
        for name in self._dimensions:
            table = table.filter(pc.is_null(table[name]))
        return {(r["indicator"], r["area"], r["year"]): _cell(r) for r in each_row(table)}

    @cached_property
    def _parts(self) -> dict[tuple[str, str, int, Dims], MeasuredValue]:
        """All values of a breakdown; made only when one is asked for."""
        found: dict[tuple[str, str, int, Dims], MeasuredValue] = {}
        for row in each_row(self.values):
            dims = tuple(sorted((n, row[n]) for n in self._dimensions if row[n] is not None))
            if dims:
                found[row["indicator"], row["area"], row["year"], dims] = _cell(row)
        return found

    def cell(self, ref: ValueOf) -> MeasuredValue | None:
        """The measured cell, also where its value is missing."""
        if ref.dims:
            return self._parts.get((ref.indicator, ref.area, ref.year, ref.dims))
        return self._totals.get((ref.indicator, ref.area, ref.year))

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was measured or published."""
        table = self.values
        bounds = "bound" in table.column_names and table["bound"].null_count < table.num_rows
        return table["value"].null_count == table.num_rows and not bounds

    def has(self, ref: NumberRef) -> bool:
        """Whether the reference resolves."""
        return self.number(ref) is not None

    def is_exact(self, ref: ValueOf) -> bool:
        """Whether there is a value that can be drawn; a published bound is none."""
        found = self.number(ref)
        return found is not None and found.exact

    def years(self, indicator: str, area: str) -> tuple[int, ...]:
        """The years with a value of an indicator's total, rising."""
        return tuple(
            sorted(y for (i, a, y), c in self._totals.items() if i == indicator and a == area and c.value is not None)
        )

    def number(self, ref: NumberRef) -> FoundNumber | None:
        """Look a reference up."""
        match ref:
            case ValueOf():
                return self._value(ref)
            case ChangeOf():
                return self._change(ref)
            case FindingOf():
                return self._finding(ref)
            case PlanNumberOf():
                return self._plan_number(ref)
            case CountOf():
                return self._count(ref)
            case RateOf():
                return self._rate(ref)
            case PublishedOf():
                return self._published(ref)
            case LimitOf():
                return self._limit(ref)
            case SettingOf():
                return self._setting(ref)

    def _area_name(self, code: str) -> str:
        area = self.pack.area_tree.get(code)
        return area.name if area else code

    def _label(self, indicator: str) -> str:
        found = self.pack.indicators.get(indicator)
        return found.label.zh if found else indicator

    def decimals(self, ref: ValueOf) -> int:
        """How many decimals a value is published with."""
        if ref.decimals is not None:
            return ref.decimals
        indicator = self.pack.indicators.get(ref.indicator)
        return indicator.decimals if indicator else 1

    def _value(self, ref: ValueOf) -> FoundNumber | None:
        cell = self.cell(ref)
        number = getattr(cell, ref.part) if cell is not None else None
        indicator = self.pack.indicators.get(ref.indicator)
        if cell is None or indicator is None:
            return None
        bounded = ref.part == "value" and number is None and bool(cell.bound)
        drawn = float("nan")
        if bounded:
            text = cell.bound
        elif number is None:
            return None
        else:
            exact = _exact(cell, indicator.factor) if ref.part == "value" else number
            text = number_text(exact, self.decimals(ref)) if ref.part == "value" else count_text(number)
            drawn = float(half_up(exact, self.decimals(ref)))
        part = {"value": "", "numerator": "（分子）", "denominator": "（分母）"}[ref.part]
        groups = "、".join(self.pack.code_label(ref.indicator, n, c) for n, c in ref.dims)
        command = f"qingmiao explain {ref.indicator} --area {ref.area} --year {ref.year}"
        entry = AppendixEntry(
            number=0,
            text=text + (shown_unit(indicator.unit) if ref.part == "value" else ""),
            what=indicator.label.zh + part + (f"（{groups}）" if groups else ""),
            area=self._area_name(ref.area),
            year=str(ref.year),
            numerator=count_text(cell.numerator),
            denominator=count_text(cell.denominator),
            version=str(cell.version) if cell.version else "",
            origin=_ORIGINS.get(cell.origin, cell.origin),
            command=command + "".join(f" --by {n}={c}" for n, c in ref.dims),
        )
        return FoundNumber(text, drawn, entry, not bounded)

    def _change(self, ref: ChangeOf) -> FoundNumber | None:
        later, earlier = self._value(ref.later), self._value(ref.earlier)
        if later is None or earlier is None or not (later.exact and earlier.exact):
            return None
        decimals = max(self.decimals(ref.later), self.decimals(ref.earlier))
        change = half_up(later.value, decimals) - half_up(earlier.value, decimals)
        text = number_text(abs(float(change)), decimals)
        entry = AppendixEntry(
            number=0,
            text=text,
            what=f"{self._label(ref.later.indicator)}：公布值之差（绝对值）",
            area=later.entry.area,
            year=f"{ref.earlier.year}→{ref.later.year}",
            numerator=later.text,
            denominator=earlier.text,
            origin="两年公布值相减",
            command=later.entry.command,
        )
        return FoundNumber(text, abs(float(change)), entry)

    def _finding(self, ref: FindingOf) -> FoundNumber | None:
        finding = self.findings.of(ref.target)
        number = finding.numbers.get(ref.name) if finding else None
        if finding is None or number is None:
            return None
        text = number.shown or number_text(number.value, number.decimals)
        entry = AppendixEntry(
            number=0,
            text=text + number.unit,
            what=f"{self._target_label(ref.target)}：{number.what}",
            area=self._area_name(finding.area) if finding.area else "",
            year=str(finding.year) if finding.year else "",
            origin="研判结果",
            command=_explain(finding),
        )
        return FoundNumber(text, float(half_up(number.value, number.decimals)), entry)

    def _target_label(self, target: str) -> str:
        found = self.pack.targets.get(target)
        return found.label.zh if found else target

    def _plan_number(self, ref: PlanNumberOf) -> FoundNumber | None:
        target = self.pack.targets.get(ref.target)
        if target is None:
            return None
        if ref.group is not None:
            target = group_part(target, target.strata[ref.group])
        bar, due = bar_in_force(self.pack, target, ref.year)
        given: Any = target.of_areas if ref.part == "of_areas" else getattr(bar, ref.part)  # by the part's name
        if given is None:
            return None
        if ref.part in ("cut", "of_areas"):
            share = share_of(given)
            text, value = (given if "/" in given else number_text(float(share * 100), 0) + "%"), float(share)
            if "/" not in given and share * 100 != int(share * 100):
                text = number_text(float(share * 100), min(6, decimals_of(float(share * 100)))) + "%"
        else:
            text, value = number_text(given, decimals_of(given)), float(given)
        units = {"cut": "", "of_areas": "", "points": point_word(target.unit)}
        entry = AppendixEntry(
            number=0,
            text=text + units.get(ref.part, shown_unit(target.unit)),
            what=f"{target.label.zh}：规划写明的目标值",
            year=str(due),
            origin="规划原文",
        )
        return FoundNumber(text, value, entry)

    def _count(self, ref: CountOf) -> FoundNumber | None:
        counted = self.counts.get(ref.name)
        if counted is None:
            return None
        what, ids = counted
        text = str(len(ids))
        listed = "、".join(self._named(i) for i in ids[:60])
        entry = AppendixEntry(
            0, text, what, year=str(self.year), numerator="", origin=f"计数：{listed}" if ids else "计数：无"
        )
        return FoundNumber(text, float(len(ids)), entry)

    def _named(self, id_: str) -> str:
        """What people call a counted thing: a target's label, an area's name, what a warning is about."""
        if id_ in self.pack.targets:
            return self.pack.targets[id_].label.zh
        notice = next((n for n in self.findings.notices if n.id == id_), None)
        return f"{notice.kind}（{notice.about}）" if notice is not None else self._area_name(id_)

    def _rate(self, ref: RateOf) -> FoundNumber | None:
        part, whole = self._count(ref.part), self._count(ref.whole)
        if part is None or whole is None or whole.value == 0:
            return None
        value = 100 * part.value / whole.value
        text = number_text(value, 1)
        entry = AppendixEntry(
            0,
            text + "%",
            f"{part.entry.what}占{whole.entry.what}的比例",
            year=str(self.year),
            numerator=part.text,
            denominator=whole.text,
            origin="两个计数相除",
        )
        return FoundNumber(text, value, entry)

    def _published(self, ref: PublishedOf) -> FoundNumber | None:
        for r in self.pack.references:
            if r.series == ref.series and r.area == ref.area and r.year == ref.year:
                text = number_text(r.value, decimals_of(r.value))
                compared = (i for i in self.pack.indicators.values() if ref.series in [c.series for c in i.comparisons])
                entry = AppendixEntry(
                    0,
                    text + shown_unit(r.unit),
                    next((i.label.zh for i in compared), ref.series),
                    self._area_name(r.area),
                    str(r.year),
                    origin="；".join(filter(None, (f"公布值：{cited(r.source)}", r.note))),
                )
                return FoundNumber(text, r.value, entry)
        return None

    def _limit(self, ref: LimitOf) -> FoundNumber | None:
        limits = self.limits(ref.indicator, ref.area, ref.year)
        value = getattr(limits, ref.end) if limits else None
        indicator = self.pack.indicators.get(ref.indicator)
        if value is None or indicator is None:
            return None
        text = number_text(value, indicator.decimals)
        word = "下限" if ref.end == "low" else "上限"
        entry = AppendixEntry(
            0,
            text + shown_unit(indicator.unit),
            f"{indicator.label.zh}：随机波动{word}",
            self._area_name(ref.area),
            str(ref.year),
            origin="研判结果",
            command=f"qingmiao explain {ref.indicator} --area {ref.area} --year {ref.year}",
        )
        return FoundNumber(text, value, entry)

    def limits(self, indicator: str, area: str, year: int) -> AreaLimits | None:
        """The funnel limits of one area, or None."""
        return self._limits.get((indicator, area, year))

    @cached_property
    def _limits(self) -> dict[tuple[str, str, int], AreaLimits]:
        return {(x.indicator, x.area, x.year): x for x in self.findings.limits}

    def _setting(self, ref: SettingOf) -> FoundNumber | None:
        value = getattr(self.pack.policy, ref.name, None)
        if not isinstance(value, int | float):
            return None
        told = round(float(value) * 100, 9) if ref.percent else float(value)
        text = number_text(told, decimals_of(told) if ref.decimals is None else ref.decimals)
        return FoundNumber(text, told, AppendixEntry(0, text, SETTINGS[ref.name], origin="内容包的研判参数"))

    def words(self, ref: WordsRef) -> tuple[str, FoundNumber | None] | None:
        """Words of the pack or of the run; the second item is an entry for sentences that the run wrote."""
        pack, key, part = self.pack, ref.key, ref.part
        match ref.kind:
            case "target":
                return _text(pack.targets.get(key), part)
            case "indicator" if part in ("unit", "unit_shown"):
                return _unit(pack.indicators.get(key), part)
            case "indicator" if part == "source":
                indicator = pack.indicators.get(key)
                return None if indicator is None else (method_cited(indicator.source), None)
            case "indicator":
                return _text(pack.indicators.get(key), part)
            case "field":
                return _text(next((f for f in pack.fields if f.id == key), None), part)
            case "plan":
                return _text(pack.plan, part)
            case "area":
                area = pack.area_tree.get(key)
                return (area.name, None) if area else None
            case "lead":
                lead = pack.lead_of(key, self.year)
                unit = pack.organisations.get(lead.lead) if lead else None
                return (unit.short or unit.label.zh, None) if unit else None
            case "comparison":
                i = pack.indicators.get(key)
                label = i.comparisons[0].label if i and i.comparisons else ""
                return (label, None) if label else None
            case "finding":
                finding = self.findings.of(key)
                text = finding_text(finding, part) if finding else None
                return None if finding is None or text is None else (text, self._said(finding, text))
            case "run":
                named = {"snapshot": self.snapshot_id, "run": self.run_id}
                return named[key] or "—", None
            case "warning":
                notice = next((n for n in self.findings.notices if n.id == key), None)
                said = str(getattr(notice, part)) if notice else None
                return None if notice is None or said is None else (said, self._noticed(notice, part, said))

    def _said(self, finding: TargetAnswers, text: str) -> FoundNumber:
        entry = AppendixEntry(
            0,
            "（说明中的数字）",
            f"{self._target_label(finding.target)}：研判说明",
            year=str(finding.year or self.year),
            origin=f"研判结果原文：{text}",
            command=_explain(finding),
        )
        return FoundNumber("", 0.0, entry)

    def _noticed(self, notice: Notice, part: str, text: str) -> FoundNumber:
        if part == "told" and notice.reason not in ("", text):
            text = f"{text}；依据：{notice.reason}"
        command = (
            f"qingmiao explain {notice.indicator} --area {notice.area} --year {self.year}"
            if notice.indicator and notice.area
            else ""
        )
        entry = AppendixEntry(
            0,
            "（说明中的数字）",
            f"预警与核查：{notice.about}",
            self._area_name(notice.area) if notice.area else "",
            str(self.year),
            origin=f"研判结果原文：{text}",
            command=command,
        )
        return FoundNumber("", 0.0, entry)


def finding_text(finding: TargetAnswers, part: str) -> str | None:
    """A sentence of a finding by name; ``caveat.0`` is the first caveat."""
    if part.startswith("caveat."):
        index = int(part.removeprefix("caveat."))
        return finding.caveats[index] if index < len(finding.caveats) else None
    value = getattr(finding, part, None)
    return value if isinstance(value, str) else None


def bar_in_force(pack: Pack, target: Target, year: int) -> tuple[Bar, int]:
    """The bar that holds in `year` (the next milestone due, else the target's own) and the year it is due."""
    return limits.bar_in_force(target, year=year, plan_end=pack.plan.end if pack.plan else year)


def _explain(finding: TargetAnswers) -> str:
    if not finding.indicator:
        return ""
    return f"qingmiao explain {finding.indicator} --area {finding.area} --year {finding.year}"


def _unit(indicator: Indicator | None, part: str) -> tuple[str, None] | None:
    """The unit as it stands in a head (无单位 where there is none) or behind a number ("1/10万" → "/10万")."""
    if indicator is None:
        return None
    if part == "unit":
        return indicator.unit or "无单位", None
    return shown_unit(indicator.unit), None


def _text(entry: object, part: str) -> tuple[str, None] | None:
    """A text of a content entry by dotted name; a label gives its Chinese."""
    value: object = entry
    for step in part.split("."):
        value = getattr(value, step, None)
        if value is None:
            return None
    text = str(value)
    return (text, None) if text else None


def _cell(row: Mapping[str, object]) -> MeasuredValue:
    def number(name: str) -> float | None:
        value = row.get(name)
        return float(value) if isinstance(value, int | float) and value == value else None

    version = row.get("definition_version")
    return MeasuredValue(
        number("value"),
        number("numerator"),
        number("denominator"),
        str(row.get("obs_status") or ""),
        str(row.get("origin") or ""),
        int(version) if isinstance(version, int) else 0,
        str(row.get("bound") or ""),
    )
