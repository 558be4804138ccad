"""Rows of series.csv held against themselves and against each other: nothing that cannot be is taken in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from qingmiao.collect.facts import Finding
from qingmiao.content.indicators import Indicator
from qingmiao.content.natural_range import is_share, natural_range
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.figure_texts import quoted
from qingmiao.kernel.rounding import decimals_of

Groups = tuple[tuple[str, str], ...]
"""Breakdown column and code; empty = the total."""
TOTALS_TOLD = 50


@dataclass(frozen=True)
class SeriesRow:
    """One row as read. `value` with `bound` (``> >= < <=``) is a bound, not a value."""

    line: int
    indicator: Indicator
    area: str
    year: int
    value: Decimal | None
    bound: str
    numerator: Decimal | None
    denominator: Decimal | None
    groups: Groups
    source: str | None
    note: str | None

    @property
    def said(self) -> str:
        """The value as it was given: "95.0", ">99", "空"."""
        return "空" if self.value is None else f"{self.bound}{self.value:f}"

    @property
    def ratio(self) -> Decimal | None:
        """Numerator by denominator, multiplied; None where one is not given."""
        if self.numerator is None or self.denominator is None:
            return None
        return self.numerator * Decimal(str(self.indicator.factor)) / self.denominator

    @property
    def level(self) -> Decimal | None:
        """The value that the row stands for, or None for an empty one and a bound."""
        if self.value is not None:
            return None if self.bound else self.value
        return self.ratio

    @property
    def slack(self) -> Decimal:
        """Half a unit of the last printed digit."""
        return Decimal(0) if self.value is None else Decimal("0.5").scaleb(-decimals_of(f"{self.value:f}"))


def group_faults(pack: Pack, indicator: Indicator, groups: Groups, shown: str, line: int) -> Iterator[Fault]:
    """Groups that the indicator does not have, and codes that its code lists do not have."""
    names = tuple(name for name, _ in groups)
    if names and set(names) not in [set(d) for d in indicator.dimensions]:
        has = "、".join(" × ".join(d) for d in indicator.dimensions)
        message = f"{indicator.id} 没有按 {' × '.join(names)} 的分组" + (f"（有：{has}）" if has else "")
        hint = "在指标的 by 里写上这个分组，或把分组列留空" if not has else "核对分组列；合计行的分组列都留空"
        yield Fault(shown, line, "unknown_group", message, place=f"列 {'、'.join(names)}", hint=hint)
        return
    for name, code in groups:
        codes = pack.code_list(indicator.id, name)
        if codes is None or code in codes.codes:
            continue
        meant = next(
            (i for i in codes.items if code in (i.label.zh, i.label.en) or i.code.lower() == code.lower()),
            None,
        )
        known = "、".join(f"{i.code}（{i.label.zh}）" for i in codes.items[:12])
        hint = f"写代码 {meant.code}" if meant else f"可用：{known}"
        message = f"{name} 没有代码{quoted(code)}"
        yield Fault(shown, line, "unknown_code", message, place=f"列 {name}", hint=hint)


def row_faults(row: SeriesRow, shown: str) -> Iterator[Fault]:
    """What a row says against itself, or against what its indicator can be."""

    def fault(code: str, message: str, column: str, hint: str) -> Fault:
        return Fault(shown, row.line, code, message, place=f"列 {column}", hint=hint)

    top, bottom, ratio = row.numerator, row.denominator, row.ratio
    if top is not None and bottom is not None and is_share(row.indicator) and top > bottom:
        message = f"分子 {top:f} 大于分母 {bottom:f}：{row.indicator.id} 是其中一部分的比例"
        yield fault("impossible_figure", message, "numerator", "核对分子、分母是不是写反了")
    if ratio is not None and row.value is not None and not _fits(row, ratio):
        places = max(row.indicator.decimals, decimals_of(f"{row.value:f}"))
        factor = f" × {row.indicator.factor:g}" if row.indicator.factor != 1 else ""
        message = f"value 是 {row.said}，而 {top:f} ÷ {bottom:f}{factor} = {round(ratio, places):f}"
        yield fault("value_contradicts_counts", message, "value", "核对三个数；拿不准的一边留空")
    low, high = natural_range(row.indicator)
    unit = row.indicator.unit
    value = row.value if row.value is not None else ratio
    if value is None:
        return
    if high is not None and (value > Decimal(str(high)) or (value == Decimal(str(high)) and row.bound == ">")):
        message = f"{row.indicator.id} 不可能大于 {high:g}{unit}：{row.bound}{round(value, 6).normalize():f}"
        yield fault("impossible_figure", message, "value", "核对数和单位")
    if low is not None and (value < Decimal(str(low)) or (value == Decimal(str(low)) and row.bound == "<")):
        message = f"{row.indicator.id} 不可能小于 {low:g}{unit}：{row.bound}{round(value, 6).normalize():f}"
        yield fault("impossible_figure", message, "value", "核对数和单位")


def _fits(row: SeriesRow, ratio: Decimal) -> bool:
    """Whether the value is the ratio as far as it is printed, or the bound holds for it."""
    value = row.value
    assert value is not None
    match row.bound:
        case ">":
            return ratio > value
        case ">=":
            return ratio >= value
        case "<":
            return ratio < value
        case "<=":
            return ratio <= value
    return abs(ratio - value) <= row.slack + abs(ratio) * Decimal("1e-12")


def duplicates(rows: Iterable[SeriesRow], shown: str) -> Iterator[Fault]:
    """One indicator, area, year and group in two rows: named with both lines and, where they differ, both values."""
    seen: dict[tuple[str, str, int, Groups], SeriesRow] = {}
    for row in rows:
        key = (row.indicator.id, row.area, row.year, tuple(sorted(row.groups)))
        first = seen.setdefault(key, row)
        if first is row:
            continue
        what = " ".join(str(k) for k in (*key[:3], *(c for _, c in key[3])))
        values = f"第 {first.line} 行 {first.said}，第 {row.line} 行 {row.said}"
        message = f"指标、地区、年份、分组重复（第 {first.line} 行已有）：{what}；{values}"
        same = first.said == row.said
        hint = "两行一样，只留一行" if same else "两个数不一样：核对哪一个对，只留那一行"
        yield Fault(shown, row.line, "duplicate_key", message, hint=hint)


def bound_findings(rows: Iterable[SeriesRow], shown: str) -> list[Finding]:
    """One finding that names the rows of which only a bound is known."""
    bounds = [r for r in rows if r.bound]
    if not bounds:
        return []
    told = "、".join(f"第 {r.line} 行 {r.indicator.id} {r.year} {r.said}" for r in bounds[:TOTALS_TOLD])
    message = f"{shown} 有 {len(bounds)} 行只知道界限，不是一个数：{told}"
    return [Finding("series", shown, "series_bound", message, len(bounds), tuple(r.line for r in bounds))]


def group_findings(pack: Pack, rows: Iterable[SeriesRow], shown: str) -> list[Finding]:
    """Totals that their groups contradict, one finding each.

    A rate's total lies between the lowest and the highest of its groups, where the groups are all that the code list
    names; a count's total is their sum, and never less than the sum of those given. Printed precision is allowed for.
    """
    sets: dict[tuple[str, str, int], list[SeriesRow]] = {}
    for row in rows:
        sets.setdefault((row.indicator.id, row.area, row.year), []).append(row)
    found: list[Finding] = []
    for (id_, area, year), together in sets.items():
        total = next((r for r in together if not r.groups), None)
        if total is None or total.level is None:
            continue
        for names in sorted({tuple(sorted(n for n, _ in r.groups)) for r in together if r.groups}):
            parts = [r for r in together if r.groups and tuple(sorted(n for n, _ in r.groups)) == names]
            message = _contradiction(pack, total, parts, names)
            if message:
                name = pack.areas[area].name if area in pack.areas else area
                lines = tuple(sorted({total.line, *(r.line for r in parts)}))
                said = f"{shown} 第 {'、'.join(map(str, lines))} 行：{name} {year} {id_} {message}"
                found.append(Finding("series", shown, "total_outside_groups", said, len(lines), lines))
    return found[:TOTALS_TOLD]


def _contradiction(pack: Pack, total: SeriesRow, parts: list[SeriesRow], names: tuple[str, ...]) -> str:
    levels = [(r.level, r.slack) for r in parts]
    known = [(level, slack) for level, slack in levels if level is not None]
    whole = total.level
    if whole is None or not known or len(known) < len(parts):
        return ""
    complete = _complete(pack, total.indicator, parts, names)
    if total.indicator.nature in ("count", "evidence"):
        return _sum_contradicts(total, whole, known, complete)
    if not complete:
        return ""
    above = min(whole - v - s for v, s in known) - total.slack
    below = min(v - whole - s for v, s in known) - total.slack
    if not _beyond(above, whole > max(v for v, _ in known)) and not _beyond(below, whole < min(v for v, _ in known)):
        return ""
    ends = f"{min(v for v, _ in known):f}—{max(v for v, _ in known):f}"
    return f"合计 {round(whole, 6).normalize():f} 不在各组之间（{ends}），核对合计和各组"


def _beyond(distance: Decimal, outside: bool) -> bool:
    """Outside by no less than what rounding may have done."""
    return outside and distance >= 0


def _sum_contradicts(total: SeriesRow, whole: Decimal, known: list[tuple[Decimal, Decimal]], complete: bool) -> str:
    added = sum((v for v, _ in known), Decimal(0))
    # whole things are counted, not rounded
    counted = total.indicator.decimals == 0 and all(v == int(v) for v in (whole, *(v for v, _ in known)))
    slack = Decimal(0) if counted else total.slack + sum((s for _, s in known), Decimal(0))
    if complete and abs(added - whole) > slack:
        return f"合计 {whole:f} 不等于各组之和 {added:f}"
    return f"合计 {whole:f} 小于已有各组之和 {added:f}" if added - whole > slack else ""


def _complete(pack: Pack, indicator: Indicator, parts: list[SeriesRow], names: tuple[str, ...]) -> bool:
    """Whether every code of the one breakdown is there (a cross of several, or one without a list, is not known to
    be)."""
    codes = pack.code_list(indicator.id, names[0]) if len(names) == 1 else None
    return codes is not None and set(codes.codes) <= {code for r in parts for _, code in r.groups}
