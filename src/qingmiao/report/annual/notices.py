"""Warnings, data quality and the method in brief."""

from __future__ import annotations

from qingmiao.figures.findings import Notice
from qingmiao.figures.numbers import CountOf, SettingOf, WordsRef
from qingmiao.report.annual.context import NONE, Context
from qingmiao.report.model import Block, Column, Heading, Paragraph, Parts, Table, Text


def warnings(c: Context) -> list[Block]:
    """Chapter four: each warning with reason, data used and what would change it."""
    w = c.wording
    notices = [n for n in c.findings.notices if not n.quality]
    out: list[Block] = [Heading(1, (Text(w.text("heading.warnings")),))]
    if not notices:
        return [*out, Paragraph(w.compose("warnings.nothing_yet" if c.nothing_yet else "warnings.none"))]
    out.append(Paragraph(w.compose("warnings.intro", count=CountOf("warnings"))))
    columns = (
        Column(w.text("column.kind"), width=1.15),
        Column(w.text("column.about"), width=1.6),
        Column(w.text("column.reason"), width=2.9),
        Column(w.text("column.basis"), width=2.5),
        Column(w.text("column.change"), width=2.1),
    )
    rows = tuple(
        (
            _words(n, "kind"),
            _words(n, "about"),
            _words(n, "reason"),
            _words(n, "data_used"),
            _words(n, "would_change"),
        )
        for n in notices
    )
    caption, note = w.compose("caption.warnings"), w.compose("note.warnings")
    out.append(Table(caption, columns, rows, note, cite=False, size="small"))
    return out


def quality(c: Context) -> list[Block]:
    """Chapter five: what the checks on the data found."""
    w = c.wording
    notices = [n for n in c.findings.notices if n.quality]
    out: list[Block] = [Heading(1, (Text(w.text("heading.quality")),))]
    if not notices:
        return [*out, Paragraph(w.compose("quality.nothing_yet" if c.nothing_yet else "quality.none"))]
    out.append(Paragraph(w.compose("quality.intro", count=CountOf("quality"))))
    columns = (
        Column(w.text("column.kind"), width=1.2),
        Column(w.text("column.about"), width=1.8),
        Column(w.text("column.finding"), width=3.2),
        Column(w.text("column.basis"), width=3.2),
    )
    rows = tuple((_words(n, "kind"), _words(n, "about"), _words(n, "reason"), _words(n, "data_used")) for n in notices)
    out.append(Table(w.compose("caption.quality"), columns, rows, cite=False, size="small"))
    return out


def _words(notice: Notice, part: str) -> Parts:
    return (WordsRef("warning", notice.id, part),) if getattr(notice, part) else NONE


def method(c: Context) -> list[Block]:
    """Chapter six: the three answers in brief, and how to follow a number."""
    w = c.wording

    def heading(key: str) -> Heading:
        return Heading(2, (Text(w.text("heading." + key)),))

    return [
        Heading(1, (Text(w.text("heading.method")),)),
        heading("method_attainment"),
        Paragraph(w.compose("method.attainment")),
        heading("method_pace"),
        Paragraph(w.compose("method.pace", on_track=SettingOf("pace_on_track"), behind=SettingOf("pace_behind"))),
        heading("method_likelihood"),
        Paragraph(w.compose("method.likelihood_rare", discount=SettingOf("discount"), prior=SettingOf("prior_years"))),
        Paragraph(
            w.compose(
                "method.likelihood_other",
                min_points=SettingOf("min_points"),
                low=SettingOf("shown_low"),
                high=SettingOf("shown_high"),
                likely=SettingOf("likely"),
                unlikely=SettingOf("unlikely"),
            )
        ),
        heading("method_numbers"),
        Paragraph(w.compose("method.numbers")),
        Paragraph(
            w.compose(
                "method.run",
                snapshot=WordsRef("run", "snapshot"),
                run=WordsRef("run", "run"),
            )
        ),
    ]
