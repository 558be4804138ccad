"""The printed handbook of casework: a page a programme, made of the programmes' own files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from qingmiao.casework.handbook import CLOCK_HEADS, STEP_HEADS, HandbookPage
from qingmiao.report.model import Block, Document, Heading, PageBreak, Paragraph, Table, TableColumn, Text

STEP_WIDTHS = (1.0, 1.1, 0.8, 1.3, 1.9, 2.2)
CLOCK_WIDTHS = (1.3, 1.2, 1.4, 0.9, 2.2)


def handbook(pages: Sequence[HandbookPage], *, title: str, issuer: str, on: date) -> Document:
    """The handbook as a document: a list of the programmes, then each on a page of its own."""
    blocks: list[Block] = [
        Paragraph((_said("一个服务项目一页；内容由系统里的服务项目文件印出，和办理时的要求一致。"),), "note")
    ]
    blocks += [Table((), (TableColumn("服务项目"), TableColumn("打印表", width=2.0)), _listed(pages), cite=False)]
    for page in pages:
        blocks.append(PageBreak())
        blocks += _page(page)
    return Document(
        title=title, issuer=issuer, generated_on=on, blocks=tuple(blocks), contents=False, linked=False, sheet="form",
        fitted=True,
    )  # fmt: skip


def _listed(pages: Sequence[HandbookPage]) -> tuple[tuple[tuple[Text, ...], ...], ...]:
    return tuple(((_said(p.title),), (_said(dict(p.more).get("打印表", "—")),)) for p in pages)


def _page(page: HandbookPage) -> Iterator[Block]:
    yield Heading(1, (_said(page.title),), numbered=False)
    yield from (_line(*fact) for fact in page.facts)
    yield _table(STEP_HEADS, STEP_WIDTHS, page.steps)
    if page.clocks:
        yield _table(CLOCK_HEADS, CLOCK_WIDTHS, page.clocks)
    yield from (_line(*fact) for fact in page.more)


def _line(name: str, text: str) -> Paragraph:
    return Paragraph((Text(f"{name}：", strong=True, verbatim=True), _said(text)), "note")


def _table(heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]]) -> Table:
    columns = tuple(TableColumn(h, width=w) for h, w in zip(heads, widths, strict=True))
    return Table((), columns, tuple(tuple((_said(x),) for x in row) for row in rows), cite=False, size="small")


def _said(text: str) -> Text:
    return Text(text, verbatim=True)
