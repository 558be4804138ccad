"""The annual monitoring report of a pack and a year, as a document whose every number is resolved."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from qingmiao.assess import Assessment
from qingmiao.content import Pack
from qingmiao.figures.adapt import findings_from
from qingmiao.figures.book import Book
from qingmiao.figures.findings import Findings
from qingmiao.report.annual import appendix, fields, notices, overview, townships
from qingmiao.report.annual.context import make_context
from qingmiao.report.model import Block, Document, Paragraph, Text
from qingmiao.report.references import resolve


def build_annual(
    pack: Pack,
    measured_values: pa.Table,
    assessment: Assessment | Findings,
    *,
    year: int,
    demo: bool,
    snapshot_id: str,
    run_id: str,
    generated_on: date,
) -> Document:
    """The report of `year`: overview, fields, townships, warnings, data quality, method, appendices.

    `assessment` is the result of `qingmiao.assess.run` or a `Findings`. Raises UnresolvedNumberError (nothing is
    written then) and WordingError.
    """
    draft, book = draft_annual(
        pack, measured_values, assessment, year=year, demo=demo, snapshot_id=snapshot_id, run_id=run_id, generated_on=generated_on
    )  # fmt: skip
    return resolve(draft, book)


def draft_annual(
    pack: Pack,
    measured_values: pa.Table,
    assessment: Assessment | Findings,
    *,
    year: int,
    demo: bool,
    snapshot_id: str,
    run_id: str,
    generated_on: date,
) -> tuple[Document, Book]:
    """The report before its references are looked up, and the book that knows them; its prose may be edited
    (`qingmiao.report.prose`)."""
    book = Book(pack, measured_values, Findings(()), year)
    findings = assessment if isinstance(assessment, Findings) else findings_from(assessment, pack, book)
    context = make_context(pack, measured_values, findings, year=year, snapshot_id=snapshot_id, run_id=run_id)
    blocks: list[Block] = []
    if demo:
        blocks.append(Paragraph((Text(context.wording.text("demo_notice"), strong=True),), role="lead"))
    for chapter in (
        overview.blocks(context),
        fields.blocks(context),
        townships.blocks(context),
        notices.warnings(context),
        notices.quality(context),
        notices.method(context),
        _signature(),
        appendix.blocks(context),
    ):
        blocks.extend(chapter)
    draft = Document(
        title=context.title,
        issuer=context.issuer,
        generated_on=generated_on,
        blocks=tuple(blocks),
        demo=demo,
        snapshot_id=snapshot_id,
        run_id=run_id,
        subject=pack.plan.title if pack.plan else pack.title,
        allowed_years=context.allowed_years,
    )
    return draft, context.book


def _signature() -> list[Block]:
    """Where the writers set the issuer and the date (成文日期) of the document."""
    return [Paragraph((), role="signature")]
