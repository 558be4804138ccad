"""What every block needs: the pack, the book of numbers, the words, the year, and the parts that recur."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal

import pyarrow as pa

from qingmiao.assess import WarningKind
from qingmiao.assess.change_targets import point_word
from qingmiao.assess.parts import group_part
from qingmiao.content import Pack
from qingmiao.content.indicators import Indicator
from qingmiao.content.members import words_of
from qingmiao.content.plan import Qualifier, Target, TargetKind
from qingmiao.content.reports import OF_A_FIELD, Layout, Where
from qingmiao.figures.book import Book, bar_in_force
from qingmiao.figures.findings import Findings, Notice, TargetAnswers
from qingmiao.figures.marks import ATTAINMENT, LIKELIHOOD, PACE
from qingmiao.figures.numbers import CountOf, FindingOf, PlanNumberOf, ValueOf, WordsRef
from qingmiao.kernel.areas import AreaLevel
from qingmiao.report.model import Inline, Parts, Text
from qingmiao.report.wording import Wording, load_wording

NONE = (Text("—"),)
LATEST = 9999
"""A year after every bar of a plan: the last one is in force."""
IN_WORDS = {"≤": "不高于", "≥": "不低于", "＜": "低于", "＞": "高于"}
_KIND_WORDS = {
    TargetKind.CONTAINED: "升势受控",
    TargetKind.ASSIGNED: "上级下达",
    TargetKind.QUALITATIVE: "定性",
}
_UNNUMBERED = frozenset({TargetKind.FALLING, TargetKind.RISING, TargetKind.CONTAINED})


@dataclass(frozen=True)
class Context:
    """One run, ready to be told."""

    pack: Pack
    book: Book
    wording: Wording
    findings: Findings
    year: int
    snapshot_id: str
    run_id: str
    layout: Layout
    demo: bool = False
    language: str = "zh"
    field: str = ""
    """The field that is told now; empty where the whole plan is."""

    @property
    def area(self) -> str:
        """Code of the area that the plan binds."""
        root = self.pack.root_area
        return root.code if root else ""

    @cached_property
    def of_target(self) -> dict[str, TargetAnswers]:
        """A finding for every target of the plan; what was not assessed is 无法判定."""
        known = {f.target: f for f in self.findings.targets}
        return {t: known.get(t, TargetAnswers(target=t)) for t in self.pack.targets}

    @cached_property
    def allowed_years(self) -> frozenset[int]:
        """Years that prose may name: the plan's, those of the data, and those of the targets."""
        years = {self.year}
        if self.pack.plan:
            years |= set(range(self.pack.plan.start - 1, self.pack.plan.end + 1))
        if self.book.values.num_rows:
            years |= {int(y) for y in self.book.values["year"].unique().to_pylist()}
        for t in self.pack.targets.values():
            years |= {y for y in (t.year, t.from_year) if y}
            for course in (t, *t.strata):
                years |= {m.year for m in course.milestones}
            for baseline in (t.baseline, *(s.baseline for s in t.strata)):
                years |= set(baseline.all_years) if baseline is not None else set()
        return frozenset(years)

    @property
    def nothing_yet(self) -> bool:
        """Whether the run holds no value of any indicator, area and year: a county that has yet to send its first
        data."""
        return self.book.is_empty

    def count(self, name: str) -> CountOf:
        """The count of a name: the field's, where a field is told and has a count of that name of its own."""
        return CountOf(f"{name}.{self.field}" if self.field and name in OF_A_FIELD else name)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """The targets that are told now, in the plan's order."""
        return tuple(t for f in self.pack.fields if self.field in ("", f.id) for g in f.goals for t in g.targets)

    def chosen(self, where: Where) -> tuple[Target, ...]:
        """Those of them that have any of the answers named; all where none is named."""
        asked = (where.attainment, where.pace, where.likelihood)
        if not any(asked):
            return self.targets
        return tuple(
            t
            for t in self.targets
            if (f := self.of_target[t.id])
            and any(code in codes for code, codes in zip((f.attainment, f.pace, f.likelihood), asked, strict=True))
        )

    @property
    def issuer(self) -> str:
        """The committee office of the pack; empty when the pack names none."""
        offices = [o for o in self.pack.organisations.values() if o.kind == "committee"]
        return offices[-1].label.zh if offices else ""

    def indicator_of(self, target: str) -> Indicator | None:
        """The indicator that decides a target."""
        finding = self.of_target.get(target)
        if finding and finding.indicator in self.pack.indicators:
            return self.pack.indicators[finding.indicator]
        found = self.pack.indicators_for(target)
        return found[0] if found else None

    def value(self, target: str, year: int) -> Parts:
        """The value at the plan's area in a year, or a dash."""
        ref = self.value_ref(target, year)
        return (ref,) if ref is not None else NONE

    def value_ref(self, target: str, year: int) -> ValueOf | None:
        """The reference to that value, or None where there is none."""
        indicator = self.indicator_of(target)
        if indicator is None:
            return None
        finding = self.of_target[target]
        ref = ValueOf(indicator.id, finding.area or self.area, year, decimals=finding.decimals)
        return ref if self.book.has(ref) else None

    def base_year(self, target: Target) -> int | None:
        """Where the change is counted from."""
        if target.baseline is not None:
            return target.baseline.year
        if target.from_year is not None:
            return target.from_year
        return self.pack.plan.start - 1 if self.pack.plan else None

    def attainment(self, target: str) -> Parts:
        """The sign and words of the first answer; a boundary case says so."""
        finding = self.of_target[target]
        mark: Parts = (ATTAINMENT.get(finding.attainment, ATTAINMENT["undetermined"]),)
        close = finding.boundary and finding.attainment in ("met", "not_met")
        return (*mark, Text("（临界）")) if close else mark

    def tells_rate(self, field: str) -> bool:
        """Whether enough of the targets (all, or a field's) were judged for a rate."""
        suffix = f".{field}" if field else ""
        judged, own = (len(self.book.counts[name + suffix][1]) for name in ("judged", "own"))
        return self.pack.policy.tells_rate(judged, own)

    def pace(self, target: str) -> Parts:
        """The sign and words of the second answer."""
        return (PACE.get(self.of_target[target].pace, PACE["undetermined"]),)

    def likelihood(self, target: str) -> Parts:
        """The sign and words of the third answer, with the probability where there is one."""
        finding = self.of_target[target]
        mark: Parts = (LIKELIHOOD.get(finding.likelihood, LIKELIHOOD["none"]),)
        if "probability" in finding.numbers:
            return (*mark, Text(" "), FindingOf(target, "probability"))
        return mark

    def unit(self, target: str) -> Parts:
        """The unit as written behind a number."""
        indicator = self.indicator_of(target)
        return (WordsRef("indicator", indicator.id, "unit_shown"),) if indicator and indicator.unit else ()

    def bar(self, target: Target, *, prose: bool = False) -> Parts:
        """What the plan asks. In tables short (≤3.2, 力争≥95); in prose in words and with its unit (不高于3.2‰)."""
        before, behind = _qualifier_words(target)
        parts = self._bar_core(target, prose=prose)
        return (*([Text(before)] if before else []), *parts, *([Text(behind)] if behind else []))

    def _bar_core(self, target: Target, *, prose: bool) -> Parts:
        """The target's own bar and, behind each group's name, the group's."""
        if not target.strata or target.kind in _UNNUMBERED:
            return self._one_bar(target, None, prose=prose)
        indicator = self.indicator_of(target.id)
        whole = "其余" if target.kind is TargetKind.EVERY_AREA else "合计"
        out: list[Inline] = [Text(whole), *self._one_bar(target, None, prose=prose)] if target.bars else []
        for i, s in enumerate(target.strata):
            name = self.pack.code_label(indicator.id if indicator else "", s.by, s.code)
            out += [Text(("；" if out else "") + name), *self._one_bar(group_part(target, s), i, prose=prose)]
        return tuple(out)

    def _one_bar(self, target: Target, group: int | None, *, prose: bool) -> Parts:
        """The bar in force; where that is a milestone, with its year, and the final bar behind it with its own."""
        bar, due = bar_in_force(self.pack, target, self.year)
        last, final = bar_in_force(self.pack, target, LATEST)
        if bar is last:
            return self._bar_of(target, group, self.year, prose=prose)
        now = self._bar_of(target, group, self.year, prose=prose)
        then = self._bar_of(target, group, final, prose=prose)
        if prose:
            return (Text(f"{due}年"), *now, Text(f"、{final}年"), *then)
        return (*now, Text(f"（{due}年）、"), *then, Text(f"（{final}年）"))

    def _bar_of(self, target: Target, group: int | None, year: int, *, prose: bool) -> Parts:
        bar, _ = bar_in_force(self.pack, target, year)
        signs = ("≤", "≥") if target.inclusive else ("＜", "＞")
        kind, unit = target.kind, self.unit(target.id) if prose else ()

        def plan(part: Literal["value", "low", "high", "cut", "points", "of_areas"]) -> PlanNumberOf:
            return PlanNumberOf(target.id, part, year, group)

        where: Parts = ()
        if kind is TargetKind.EVERY_AREA and group is None:
            plain_level = target.level is not None and not target.among
            named = words_of(self.pack, target)
            each, places = ("各地", "地方") if plain_level else (f"{named.within}各{named.noun}", named.noun)
            where = (Text(each),) if target.of_areas is None else (plan("of_areas"), Text(f"以上的{places}"))

        def said(sign: str, number: Inline) -> Parts:
            return (*where, Text(IN_WORDS[sign] if prose else sign), number, *unit)

        if bar.cut is not None or bar.points is not None:
            up = TargetKind.INCREASE_BY in (kind, target.bound)
            verb = "提高" if up else "下降" if bar.cut is not None else "降低"
            since = Text(f"{self.base_words(target)}{'每年' if bar.per_year else ''}{verb}")
            if bar.cut is not None:
                return (*where, since, plan("cut"))
            if bar.points == 0:
                return (
                    *where,
                    Text(f"不{'低' if up else '高'}于{self.base_words(target).removeprefix('比')}"),
                )
            indicator = self.indicator_of(target.id)
            return (*where, since, plan("points"), Text(point_word(indicator.unit if indicator else "")))
        if bar.low is not None and bar.high is not None:
            return (*where, plan("low"), Text("至" if prose else "–"), plan("high"), *unit)
        if bar.low is not None:
            return said(signs[1], plan("low"))
        if bar.high is not None:
            return said(signs[0], plan("high"))
        if bar.value is not None:
            lower = kind is TargetKind.AT_MOST or target.bound == "at_most"
            return said(signs[0] if lower else signs[1], plan("value"))
        finding = self.of_target[target.id]
        words = Text(_KIND_WORDS.get(kind, kind.label))
        if Qualifier.SUSTAINED in target.qualifiers:
            return (words,)  # every year against the year before: no one number says it
        if "bar" in finding.numbers and finding.bar_sign:
            return (words, Text("（"), *said(finding.bar_sign, FindingOf(target.id, "bar")), Text("）"))
        return (words,)

    def base_words(self, target: Target) -> str:
        """比2020年, 比2018—2020年平均值; empty where nothing says what the change is counted from."""
        years = target.baseline.all_years if target.baseline is not None else ()
        if len(years) > 1:
            unbroken = len(years) == years[-1] - years[0] + 1
            return "比" + (f"{years[0]}—{years[-1]}" if unbroken else "、".join(map(str, years))) + "年平均值"
        base = self.base_year(target)
        return f"比{base}年" if base else ""

    @cached_property
    def lower_level(self) -> AreaLevel | None:
        """The level just below the plan's area; None where nothing lies below it."""
        return self.pack.area_tree.level_below(self.area) if self.area else None

    def lower_areas(self) -> tuple[str, ...]:
        """Codes of the areas just below the plan's area that exist at the end of the year."""
        level = self.lower_level
        end = date(self.year, 12, 31)
        return tuple(a.code for a in self.pack.area_tree.under(self.area, level, end)) if level else ()


def make_context(
    pack: Pack,
    values: pa.Table,
    findings: Findings,
    layout: Layout,
    *,
    year: int,
    snapshot_id: str,
    run_id: str,
    demo: bool,
    field: str = "",
    language: str = "zh",
) -> Context:
    """A context whose book also holds the counts of this run. Raises WordingError for wrong words of the layout."""
    book = Book(pack, values, findings, year, snapshot_id, run_id)
    at = pack.places.get(("reports", layout.id))
    words = load_wording(layout, at.file if at else "", language)
    context = Context(pack, book, words, findings, year, snapshot_id, run_id, layout, demo, language, field)
    return replace(context, book=replace(book, counts=_counts(context)))


def _counts(context: Context) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Every list that the report counts, by name; per field with the field's id behind a dot."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    pack, of = context.pack, context.of_target

    def put(suffix: str, ids: Iterable[str]) -> None:
        ids = tuple(ids)
        found["all" + suffix] = ("目标数", ids)
        for code, mark in ATTAINMENT.items():
            found[code + suffix] = (
                f"{mark.label}的目标数",
                tuple(t for t in ids if of[t].attainment == code),
            )
        judged = tuple(t for t in ids if of[t].attainment in ("met", "not_met"))
        found["judged" + suffix] = ("可以判定的目标数", judged)
        own = tuple(t for t in ids if of[t].attainment != "by_superior")
        found["own" + suffix] = ("由本级负责的目标数", own)
        for code, mark in PACE.items():
            paced = tuple(t for t in ids if of[t].pace == code)
            found[f"pace.{code}{suffix}"] = (f"进度为“{mark.label}”的目标数", paced)
        for code, mark in LIKELIHOOD.items():
            likely = tuple(t for t in ids if of[t].likelihood == code)
            found[f"likelihood.{code}{suffix}"] = (f"可能性为“{mark.label}”的目标数", likely)
        found["unmonitored" + suffix] = ("未能判定的目标数", tuple(t for t in ids if t not in judged))
        found["boundary" + suffix] = ("临界的目标数", tuple(t for t in judged if of[t].boundary))

    put("", pack.targets)
    for f in pack.fields:
        put("." + f.id, (t.id for g in f.goals for t in g.targets))
    warnings = [n for n in context.findings.notices if not n.quality]
    found["warnings"] = ("预警条数", tuple(n.id for n in warnings))
    found["warnings.unlikely"] = (
        "预计难达标的预警条数",
        tuple(n.id for n in warnings if n.kind == "预计难达标"),
    )
    found["quality"] = ("数据核查发现数", tuple(n.id for n in context.findings.notices if n.quality))
    found["late"] = ("迟报、缺报的报表数", tuple(n.id for n in context.findings.notices if is_late(n)))
    found["townships"] = ("比较的地区数", context.lower_areas())
    return found


def is_late(notice: Notice) -> bool:
    """Whether a notice says that a return is late or missing."""
    return notice.kind in (WarningKind.RETURN_LATE.value, WarningKind.RETURN_MISSING.value)


def _qualifier_words(target: Target) -> tuple[str, str]:
    """The plan's softening words before and behind the number."""
    words = target.qualifiers
    before = "".join(q.label for q in words if q in (Qualifier.KEEP, Qualifier.STRIVE, Qualifier.SUSTAINED))
    before += "接近" if Qualifier.NEAR in words else ""
    numeric = {Qualifier.MARKED: "明显", Qualifier.GRADUAL: "逐步"}
    before += "".join(numeric[q] for q in words if q in numeric)
    return before, "左右" if Qualifier.ABOUT in words else ""


def joined(parts: Iterable[Inline], separator: str = "、") -> Parts:
    """Parts with a separator between them."""
    out: list[Inline] = []
    for i, part in enumerate(parts):
        if i:
            out.append(Text(separator))
        out.append(part)
    return tuple(out)
