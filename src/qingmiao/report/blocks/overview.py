"""How many targets are met, not met, not decided, and why; how to read the signs."""

from __future__ import annotations

from qingmiao.content.reports import LayoutBlock
from qingmiao.figures.marks import ATTAINMENT, LIKELIHOOD, PACE, MarkOf
from qingmiao.figures.numbers import CountOf, RateOf, SettingOf, WordsRef
from qingmiao.report.blocks.context import NONE, Context
from qingmiao.report.model import (
    Align,
    Block,
    Charts,
    FormBox,
    FormBoxes,
    Heading,
    Legend,
    PageBreak,
    Paragraph,
    Parts,
    SignatureLines,
    StackChart,
    Table,
    TableColumn,
    Text,
)

_CLASSES = tuple(ATTAINMENT)
"""Every target stands in exactly one of these columns, so that each row adds up."""


def by_field(c: Context, b: LayoutBlock) -> list[Block]:
    """A row a field and one for all: how many targets have which verdict, and the rate."""
    w = c.wording
    keys = ("all", *_CLASSES)
    columns = (
        TableColumn(w.text("column.field"), width=2.2),
        *(TableColumn(w.text("column." + k), Align.RIGHT) for k in keys),
        TableColumn(w.text("column.rate"), Align.RIGHT, 1.2),
    )

    def row(name: Parts, field: str) -> tuple[Parts, ...]:
        told, suffix = c.tells_rate(field), f".{field}" if field else ""
        rate: Parts = (RateOf(CountOf("met" + suffix), CountOf("judged" + suffix)),) if told else NONE
        return (name, *((CountOf(k + suffix),) for k in keys), rate)

    rows = [row((WordsRef("field", f.id),), f.id) for f in c.pack.fields]
    rows.append(row((Text("合计", strong=True),), ""))
    note = w.compose("note.by_field", least=_least())
    return [Table(w.compose("caption.by_field"), columns, tuple(rows), note)]


def _least() -> SettingOf:
    return SettingOf("rate_coverage", percent=True)


def by_field_chart(c: Context, b: LayoutBlock) -> list[Block]:
    """The same as stacked bars over the whole width."""
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
    chart = StackChart(
        w.compose("caption.by_field_chart"),
        w.text("caption.by_field_chart"),
        tuple(ATTAINMENT[k].label for k in _CLASSES),
        points,
        w.compose("description.by_field"),
    )
    return [Charts((chart,), wide=True)]


_COLUMNS = {"target": 2.4, "attainment": 1.2, "reason": 3.4, "lead": 1.5}


def unmonitored(c: Context, b: LayoutBlock) -> list[Block]:
    """The targets without a verdict, why, and whose they are."""
    w = c.wording
    targets = [t for t in c.chosen(b.where) if c.of_target[t.id].attainment not in ("met", "not_met")]
    if not targets:
        return []
    chosen = [k for k in _COLUMNS if not b.columns or k in b.columns]
    columns = tuple(TableColumn(w.text(f"column.{k}"), width=_COLUMNS[k]) for k in chosen)
    rows = []
    for t in (t.id for t in targets):
        lead: Parts = (WordsRef("lead", t),)
        if c.book.words(WordsRef("lead", t)) is None:
            lead = (Text(w.text("note.lead_none")),)
        cells = {
            "target": (WordsRef("target", t),),
            "attainment": c.attainment(t),
            "reason": reason(c, t),
            "lead": lead,
        }
        rows.append(tuple(cells[k] for k in chosen))
    return [Table(w.compose("caption.unmonitored"), columns, tuple(rows), cite=False, size="small")]


def reason(c: Context, target: str) -> Parts:
    """The assessment's own sentence, or that nothing was assessed."""
    finding = c.of_target[target]
    if finding.attainment_reason:
        return (WordsRef("finding", target, "attainment_reason"),)
    if target in {f.target for f in c.findings.targets}:
        return NONE
    return (Text("没有指标对应，未作研判"),)


def approval(c: Context) -> list[Block]:
    """The page of signatures: boxes that are filled in by hand on paper, none of them by the system."""
    w = c.wording
    boxes = tuple(FormBox(w.text(f"approval.{name}"), (), wide=name == "head") for name in _SIGNING)
    heading = Heading(1, (Text(w.text("approval.heading")),), numbered=False)
    note = Paragraph((Text(w.text("approval.note")),), role="note")
    lines = SignatureLines((w.text("approval.signed"), w.text("approval.signed_on"), w.text("approval.seal")))
    return [PageBreak(), heading, FormBoxes(boxes), lines, note]


_SIGNING = ("drafted_by", "drafter", "reviewer", "reviewed_on", "second", "seconded_on", "head")
"""The boxes of the page of signatures, in their order."""


def legend(c: Context) -> list[Block]:
    """The signs of the three answers and what they say."""
    w = c.wording
    rows = []
    for answer, marks in (
        (MarkOf.ATTAINMENT, ATTAINMENT),
        (MarkOf.PACE, PACE),
        (MarkOf.LIKELIHOOD, LIKELIHOOD),
    ):
        text = w.text("signs." + answer.value)
        rows.append((f"{answer.label}：{text}", tuple((m, m.label) for m in marks.values())))
    return [Legend(tuple(rows))]
