"""Chapter one: how many targets are met, not met, not decided, and why; pace and likelihood apart from it."""

from __future__ import annotations

from qingmiao.figures.marks import ATTAINMENT, LIKELIHOOD, PACE, Answer
from qingmiao.figures.numbers import CountOf, RateOf, SettingOf, WordsRef
from qingmiao.report.annual.context import NONE, Context
from qingmiao.report.model import (
    Align,
    Block,
    Charts,
    Column,
    Heading,
    Legend,
    Paragraph,
    Parts,
    StackChart,
    Table,
    Text,
)

_CLASSES = tuple(ATTAINMENT)
"""Every target stands in exactly one of these columns, so that each row adds up."""


def blocks(c: Context) -> list[Block]:
    """Overview, the table by field, what could not be decided, and how to read the signs."""
    w = c.wording
    out: list[Block] = [
        Heading(1, (Text(w.text("heading.overview")),)),
        Heading(2, (Text(w.text("heading.scope")),)),
        Paragraph(_scope(c)),
        _by_field(c),
        Charts((_chart(c),), wide=True),
        Heading(2, (Text(w.text("heading.pace")),)),
        Paragraph(w.compose("overview.pace", **{k: CountOf("pace." + k) for k in PACE if k in _pace_keys()})),
        Paragraph(
            w.compose(
                "overview.likelihood",
                **{
                    k: CountOf("likelihood." + k) for k in ("likely", "uncertain", "unlikely", "none", "not_applicable")
                },
            )
        ),
        Paragraph(w.compose("overview.separate")),
        Paragraph(_warnings(c)),
        Heading(2, (Text(w.text("heading.unmonitored")),)),
        *_unmonitored(c),
        Heading(2, (Text(w.text("heading.reading")),)),
        _legend(c),
    ]
    return out


def _pace_keys() -> tuple[str, ...]:
    return ("met", "on_track", "behind", "far_behind", "away", "undetermined")


def _scope(c: Context) -> Parts:
    w = c.wording
    keys = ("all", *ATTAINMENT)
    scope = w.compose(
        "overview.scope",
        plan=WordsRef("plan", "plan", "title"),
        year=str(c.year),
        **{k: CountOf(k) for k in keys},
    )
    plan = c.pack.plan
    if plan is not None and not plan.start <= c.year <= plan.end:
        key = "overview.before_plan" if c.year < plan.start else "overview.after_plan"
        scope += w.compose(key, year=str(c.year), start=str(plan.start), end=str(plan.end))
    if not c.book.counts["judged"][1]:
        return (*scope, *w.compose("overview.no_rate"))
    told = {"judged": CountOf("judged"), "met": CountOf("met")}
    if c.tells_rate(""):
        rate = RateOf(CountOf("met"), CountOf("judged"))
        out = (*scope, *w.compose("overview.rate", **told, rate=rate))
    else:
        out = (*scope, *w.compose("overview.few_judged", **told, own=CountOf("own"), least=_least()))
    if c.book.counts["boundary"][1]:
        out = (*out, *w.compose("overview.boundary", boundary=CountOf("boundary")))
    return out


def _warnings(c: Context) -> Parts:
    if not c.book.counts["warnings"][1]:
        if c.nothing_yet and not c.book.counts["quality"][1]:
            return c.wording.compose("overview.nothing_yet")
        if c.book.counts["quality"][1]:
            return c.wording.compose("overview.only_quality", quality=CountOf("quality"))
        return c.wording.compose("overview.no_warnings")
    return c.wording.compose("overview.warnings", warnings=CountOf("warnings"), unlikely=CountOf("warnings.unlikely"))


def _by_field(c: Context) -> Table:
    w = c.wording
    keys = ("all", *_CLASSES)
    columns = (
        Column(w.text("column.field"), width=2.2),
        *(Column(w.text("column." + k), Align.RIGHT) for k in keys),
        Column(w.text("column.rate"), Align.RIGHT, 1.2),
    )

    def row(name: Parts, suffix: str) -> tuple[Parts, ...]:
        told = c.tells_rate(suffix)
        rate: Parts = (RateOf(CountOf("met" + suffix), CountOf("judged" + suffix)),) if told else NONE
        return (name, *((CountOf(k + suffix),) for k in keys), rate)

    rows = [row((WordsRef("field", f.id),), "." + f.id) for f in c.pack.fields]
    rows.append(row((Text("合计", strong=True),), ""))
    note = w.compose("note.by_field", least=_least())
    return Table(w.compose("caption.by_field"), columns, tuple(rows), note)


def _least() -> SettingOf:
    return SettingOf("rate_coverage", percent=True)


def _chart(c: Context) -> StackChart:
    points = tuple(
        (
            f.label.zh,
            tuple(
                (ATTAINMENT[k].label, CountOf(f"{k}.{f.id}"), 0.0) for k in _CLASSES if c.book.counts[f"{k}.{f.id}"][1]
            ),
        )
        for f in c.pack.fields
    )
    w = c.wording
    return StackChart(
        w.compose("caption.by_field_chart"),
        w.text("caption.by_field_chart"),
        tuple(ATTAINMENT[k].label for k in _CLASSES),
        points,
        w.compose("description.by_field"),
    )


def _unmonitored(c: Context) -> list[Block]:
    w = c.wording
    ids = c.book.counts["unmonitored"][1]
    if not ids:
        return [Paragraph(w.compose("overview.none_unmonitored"))]
    columns = (
        Column(w.text("column.target"), width=2.4),
        Column(w.text("column.attainment"), width=1.2),
        Column(w.text("column.reason"), width=3.4),
        Column(w.text("column.lead"), width=1.5),
    )
    rows = []
    for t in ids:
        lead: Parts = (WordsRef("lead", t),)
        if c.book.words(WordsRef("lead", t)) is None:
            lead = (Text(w.text("note.lead_none")),)
        rows.append(((WordsRef("target", t),), c.attainment(t), reason(c, t), lead))
    return [
        Paragraph(w.compose("overview.unmonitored", count=CountOf("unmonitored"))),
        Table(w.compose("caption.unmonitored"), columns, tuple(rows), cite=False, size="small"),
    ]


def reason(c: Context, target: str) -> Parts:
    """The assessment's own sentence, or that nothing was assessed."""
    finding = c.of_target[target]
    if finding.attainment_reason:
        return (WordsRef("finding", target, "attainment_reason"),)
    if target in {f.target for f in c.findings.targets}:
        return NONE
    return (Text("没有指标对应，未作研判"),)


def _legend(c: Context) -> Legend:
    w = c.wording
    rows = []
    for answer, marks in (
        (Answer.ATTAINMENT, ATTAINMENT),
        (Answer.PACE, PACE),
        (Answer.LIKELIHOOD, LIKELIHOOD),
    ):
        text = w.text("signs." + answer.value)
        rows.append((f"{answer.label}：{text}", tuple((m, m.label) for m in marks.values())))
    return Legend(tuple(rows))
