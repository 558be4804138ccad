"""A report of a pack and a year, laid out as its layout says, as a document whose every number is resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Literal

import pyarrow as pa

from qingmiao.assess import Assessment
from qingmiao.content import Pack
from qingmiao.content.reports import LayoutBlock
from qingmiao.figures.adapt import findings_from
from qingmiao.figures.book import Book
from qingmiao.figures.findings import Findings
from qingmiao.report.blocks import CHARTS, TABLES, fields, overview, townships
from qingmiao.report.blocks.context import Context, make_context
from qingmiao.report.languages import in_language
from qingmiao.report.layouts import ANNUAL, asked_layout
from qingmiao.report.model import Block, Document, Heading, NumberIndex, PageBreak, Paragraph, Text
from qingmiao.report.places import compose, holds, said
from qingmiao.report.references import resolve
from qingmiao.report.written import spread


def build_report(
    pack: Pack,
    measured_values: pa.Table,
    assessment: Assessment | Findings,
    *,
    year: int,
    demo: bool,
    snapshot_id: str,
    run_id: str,
    generated_on: date,
    layout: str = ANNUAL,
    field: str = "",
    language: str = "zh",
) -> Document:
    """The report of `year` by a layout of the pack; `field` names the field of a layout that is about one;
    `language` is zh or en: the same numbers, and Chinese where the pack and the catalogue have no English.

    `assessment` is the result of `qingmiao.assess.run` or a `Findings`. Raises UnresolvedNumberError (nothing is
    written then), LayoutError and WordingError.
    """
    draft, book = draft_report(
        pack, measured_values, assessment, year=year, demo=demo, snapshot_id=snapshot_id, run_id=run_id,
        generated_on=generated_on, layout=layout, field=field, language=language,
    )  # fmt: skip
    return in_language(spread(resolve(draft, book)), pack)


def draft_report(
    pack: Pack,
    measured_values: pa.Table,
    assessment: Assessment | Findings,
    *,
    year: int,
    demo: bool,
    snapshot_id: str,
    run_id: str,
    generated_on: date,
    layout: str = ANNUAL,
    field: str = "",
    language: str = "zh",
) -> tuple[Document, Book]:
    """The report before its references are looked up, and the book that knows them; its prose may be edited
    (`qingmiao.report.prose`)."""
    laid = asked_layout(pack, layout, field)
    book = Book(pack, measured_values, Findings(()), year)
    findings = assessment if isinstance(assessment, Findings) else findings_from(assessment, pack, book)
    context = make_context(
        pack,
        measured_values,
        findings,
        laid,
        year=year,
        snapshot_id=snapshot_id,
        run_id=run_id,
        demo=demo,
        field=field,
        language=language,
    )
    draft = Document(
        title=_title(context),
        issuer=context.issuer,
        generated_on=generated_on,
        blocks=tuple(_blocks(context, laid.blocks, 1)),
        demo=demo,
        snapshot_id=snapshot_id,
        run_id=run_id,
        subject=pack.plan.title if pack.plan else pack.title,
        allowed_years=context.allowed_years,
        contents=laid.contents,
        index_name=laid.index_name.said(language),
        language=language,
    )
    return draft, context.book


_LEVELS: dict[int, Literal[1, 2, 3, 4]] = {1: 1, 2: 2, 3: 3, 4: 4}
"""Depth → level of heading; the content's check allows no fifth."""


def _title(c: Context) -> str:
    """The title's words; a pack without a plan is called by its own title."""
    given = {"plan": c.pack.plan.title if c.pack.plan else c.pack.title, "year": str(c.year)}
    given["field"] = next((f.label.zh for f in c.pack.fields if f.id == c.field), "")
    return c.layout.title.said(c.language).format_map(given)


def _blocks(c: Context, blocks: tuple[LayoutBlock, ...], level: int) -> Iterator[Block]:
    for block in blocks:
        if holds(c, block.when):
            yield from _block(c, block, level)


def _block(c: Context, b: LayoutBlock, level: int) -> Iterator[Block]:
    if b.section is not None:
        if b.new_page:
            yield PageBreak()
        yield Heading(_LEVELS[level], compose(c, b.section), numbered=b.numbered)
        yield from _blocks(c, b.blocks, level + 1)
    elif b.paragraph is not None:
        yield Paragraph(_strong(c, b) if b.role == "lead" else said(c, b.paragraph), role=b.role)
    elif b.written is not None:
        yield Paragraph(said(c, b.written), role="written")
    elif b.each is not None:
        for f in c.pack.fields:
            if c.field in ("", f.id) and any(g.targets for g in f.goals):
                yield from _blocks(replace(c, field=f.id), b.blocks, level)
    elif b.element is not None:
        yield from _element(c, b.element)
    else:
        made = _made(c, b)
        yield from made or ([Paragraph(compose(c, b.empty))] if b.empty else [])


def _strong(c: Context, b: LayoutBlock) -> tuple[Text, ...]:
    """The notice above a report, in bold; it holds words only."""
    parts = said(c, b.paragraph or ())
    return tuple(replace(p, strong=True) for p in parts if isinstance(p, Text))


def _made(c: Context, b: LayoutBlock) -> list[Block]:
    if b.table is not None:
        return TABLES[b.table](c, b)
    if b.charts is not None:
        return CHARTS[b.charts](c, b)
    return fields.told(c, b) if b.targets is not None else townships.told(c, b)


def _element(c: Context, name: str) -> list[Block]:
    """legend; signature: where the writers set the issuer and the date (成文日期); numbers: the list of all numbers."""
    if name == "legend":
        return overview.legend(c)
    if name == "approval":
        return overview.approval(c)
    made: dict[str, Block] = {
        "signature": Paragraph((), role="signature"),
        "numbers": NumberIndex(),
        "page_break": PageBreak(),
    }
    return [made[name]]
