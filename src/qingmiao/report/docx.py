"""The report as docx: the same styles in the manner of GB/T 9704, with real headings that Word can navigate.

Fonts are named as officials have them (仿宋_GB2312, 黑体, 楷体_GB2312, 方正小标宋简体); where one is missing, Word substitutes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import datetime, time
from io import BytesIO

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph as DocxParagraph
from docx.text.run import Run

from qingmiao.figures.marks import Mark, MarkOf
from qingmiao.report.docx_styles import TEXT_WIDTH, bookmark, field, link, page_setup, run, set_styles, shade
from qingmiao.report.model import (
    Align,
    Block,
    Charts,
    Document,
    Figure,
    FormBoxes,
    Heading,
    Legend,
    NumberIndex,
    PageBreak,
    Paragraph,
    Parts,
    SignatureLines,
    Strong,
    Table,
    Text,
    figures_in,
    header,
    heading_numbers,
    plain,
    ranges,
    sentences,
)
from qingmiao.report.workshop import Drawing

HUES = {MarkOf.ATTAINMENT: "1F4E79", MarkOf.PACE: "0B5D4E", MarkOf.LIKELIHOOD: "6B3A75"}
_ALIGN = {
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
    Align.CENTER: WD_ALIGN_PARAGRAPH.CENTER,
}


def docx_bytes(document: Document, drawings: Mapping[int, Drawing]) -> bytes:
    """The docx file; its dates are the document's, and its parts are packed with a fixed time."""
    made = docx.Document()
    set_styles(made, document.sheet)
    page_setup(made, demo=document.demo, sheet=document.sheet)
    stamp = datetime.combine(document.generated_on, time(0))
    core = made.core_properties
    core.title, core.author, core.subject = document.title, document.issuer, document.subject
    core.created = core.modified = stamp
    core.last_modified_by, core.language, core.comments = document.issuer, "zh-CN", ""
    _DocxWriter(made, document, drawings).write()
    buffer = BytesIO()
    made.save(buffer)
    return _fixed_times(buffer.getvalue())


def _fixed_times(data: bytes) -> bytes:
    """Pack again with one time for all parts, so that equal input gives equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(name))
    return out.getvalue()


class _DocxWriter:
    """Writes block by block."""

    def __init__(self, made: docx.document.Document, document: Document, drawings: Mapping[int, Drawing]) -> None:
        self.made, self.document, self.drawings = made, document, drawings
        self.numbers = heading_numbers(document.blocks, document.language)
        self.headings = self.tables = self.charts = 0
        self.width = TEXT_WIDTH[document.sheet]
        self.style_ids = {name: made.styles[name].style_id for name in ("表内", "表内小字")}
        """Looked up once: python-docx searches all styles for each paragraph, which takes longer than all the rest."""

    def write(self) -> None:
        """Title, contents, blocks."""
        d = self.document
        self.made.add_paragraph(d.title, style="公文标题")
        if d.sheet == "form" and d.reference:
            self.made.add_paragraph("　　".join(x for x in (d.issuer, d.reference, d.date_text) if x), style="题注行")
        else:
            if d.issuer:
                self.made.add_paragraph(d.issuer, style="题注行")
            self.made.add_paragraph(d.say(f"（{d.date_text}）"), style="题注行")
        if d.contents:
            self.contents()
            self.made.add_page_break()
        for block in d.blocks:
            self.block(block)

    def contents(self) -> None:
        """A table of contents of levels one and two with links; Word renews it on demand."""
        heading = self.made.add_paragraph(self.document.say("目　录"), style="题注行")
        heading.paragraph_format.space_before = Pt(14)
        items = [b for b in self.document.blocks if isinstance(b, Heading)]
        shown = [(i, b) for i, b in enumerate(items) if b.level <= 2]
        for n, (i, b) in enumerate(shown):
            p = self.made.add_paragraph(style="目录行")
            p.paragraph_format.left_indent = Pt(24 * (b.level - 1))
            if n == 0:
                field(p, 'TOC \\o "1-2" \\h \\z \\u', part="begin")
            link(p, f"_Toc{i + 1}", self.numbers[i] + plain(b.parts))
            if n == len(shown) - 1:
                field(p, "", part="end")

    def block(self, block: Block) -> None:
        if isinstance(block, Heading):
            self.headings += 1
            p = self.made.add_heading(level=block.level)
            text = self.numbers[self.headings - 1] + plain(block.parts)
            bookmark(p, f"_Toc{self.headings}", text)
        elif isinstance(block, Paragraph):
            self.paragraph(block)
        elif isinstance(block, Table):
            self.table(block)
        elif isinstance(block, Charts):
            self.pictures(block)
        elif isinstance(block, Legend):
            for name, marks in block.rows:
                self.made.add_paragraph(name, style="图例").runs[0].bold = True
                p = self.made.add_paragraph(style="图例")
                for i, (mark, _) in enumerate(marks):
                    if i:
                        run(p, "　")
                    self.mark(p, mark)
        elif isinstance(block, PageBreak):
            self.made.add_page_break()
        elif isinstance(block, NumberIndex):
            self.index()
        elif isinstance(block, FormBoxes):
            self.boxes(block)
        elif isinstance(block, SignatureLines):
            for label in block.labels:
                self.made.add_paragraph(f"{label}：", style="签名")
        else:
            raise TypeError(f"unknown block {block!r}")

    def paragraph(self, block: Paragraph) -> None:
        if block.role == "signature":
            d = self.document
            for text, blank in ((d.issuer, 2), (d.date_text, 4)):
                if text:
                    p = self.made.add_paragraph(text, style="落款")
                    p.paragraph_format.right_indent = Pt(16 * blank)
            return
        style = {"note": "表注", "lead": "提示"}.get(block.role, "Normal")
        p = self.made.add_paragraph(style=style)
        for sentence, entries, stop in sentences(block.parts):
            self.parts(p, sentence)
            if entries:
                r = self.entry(p, entries[0], f"[{ranges(entries)}]")
                r.font.superscript = True
            if stop:
                run(p, stop)

    def parts(self, p: DocxParagraph, parts: Parts, *, strong: bool = False, cite: bool = False) -> None:
        for part in parts:
            if isinstance(part, Text):
                run(p, part.text, strong=strong or part.strong)
            elif isinstance(part, Figure):
                if part.text:
                    run(p, part.text, strong=strong or part.strong)
                if cite or not part.text:
                    self.entry(p, part.entry, f"[{part.entry}]").font.superscript = True
            elif isinstance(part, Strong):
                self.parts(p, part.parts, strong=True, cite=cite)
            elif isinstance(part, Mark):
                self.mark(p, part)
            else:
                raise TypeError(f"unresolved part {part!r}")

    def entry(self, p: DocxParagraph, number: int, text: str) -> Run:
        """The number of an entry; it leads there where the list stands in this file."""
        return link(p, f"B{number}", text) if self.document.linked else run(p, text)

    def mark(self, p: DocxParagraph, mark: Mark) -> None:
        r = run(p, f"{mark.sign} {mark.label}")
        r.font.color.rgb = RGBColor.from_string(HUES[mark.answer])

    def boxes(self, block: FormBoxes) -> None:
        """Label and answer beside each other, twice in a line; a wide answer takes all of the line behind its label."""
        lines = block.lines()
        table = self.made.add_table(rows=len(lines), cols=4)
        table.style, table.autofit = "表格线", False
        widths = [1.0, 2.0, 1.0, 2.0]
        for row, line in zip(table.rows, lines, strict=True):
            cells = row.cells
            if len(line) == 1:
                cells[1].merge(cells[3])
            for i, box in enumerate(line):
                run(self.cell(cells[2 * i], Align.CENTER), box.label, strong=True, east="黑体")
                shade(cells[2 * i], "F1F4F7")
                self.parts(self.cell(cells[2 * i + 1], Align.LEFT), box.parts)
        for i, column in enumerate(table.columns):
            column.width = Mm(self.width * widths[i] / sum(widths))

    def table(self, block: Table) -> None:
        if block.caption:
            self.tables += 1
            self.made.add_paragraph(self.document.numbered("表", self.tables) + plain(block.caption), style="表题")
        widths = [c.width for c in block.columns] + ([0.9] if block.cite else [])
        heads = [header(block, i) for i in range(len(block.columns))] + (
            [self.document.index_name] if block.cite else []
        )
        aligns = [c.align for c in block.columns] + ([Align.CENTER] if block.cite else [])
        table = self.grid(heads, widths)
        for row in block.rows:
            cells = table.add_row().cells
            for cell, align, parts in zip(cells, aligns, row, strict=False):
                p = self.cell(cell, align)
                self.parts(p, parts, cite=not block.cite)
            if block.cite:
                found = tuple(f.entry for parts in row for f in figures_in(parts))
                p = self.cell(cells[-1], Align.CENTER)
                if found:
                    self.entry(p, min(found), ranges(found))
        self.finish(table, widths)
        self.made.add_paragraph(style="表注")
        if block.note:
            self.parts(self.made.paragraphs[-1], block.note)

    def grid(self, heads: list[str], widths: list[float]) -> docx.table.Table:
        """A table with a header row that repeats on every page."""
        table = self.made.add_table(rows=1, cols=len(widths))
        table.style = "公文表格"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for cell, text in zip(table.rows[0].cells, heads, strict=True):
            run(self.cell(cell, Align.CENTER), text, strong=True, east="黑体")
            shade(cell, "F1F4F7")
        properties = table.rows[0]._tr.get_or_add_trPr()
        mark = OxmlElement("w:tblHeader")
        properties.append(mark)
        made: docx.table.Table = table
        return made

    def finish(self, table: docx.table.Table, widths: list[float]) -> None:
        """Set widths, and keep each row on one page."""
        total = sum(widths)
        for i, column in enumerate(table.columns):
            column.width = Mm(self.width * widths[i] / total)
        for row in table.rows:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for i, cell in enumerate(row.cells):
                cell.width = Mm(self.width * widths[i] / total)

    def cell(self, cell: _Cell, align: Align) -> DocxParagraph:
        p = cell.paragraphs[0]
        p._p.style = self.style_ids["表内"]
        p.alignment = _ALIGN[align]
        found: DocxParagraph = p
        return found

    def pictures(self, block: Charts) -> None:
        """Pictures side by side in a table without lines, each with its caption below in the same cell."""
        columns = 1 if block.wide else 2
        table = self.made.add_table(rows=1, cols=columns)
        table.autofit = False
        width = self.width / columns
        for cell, chart in zip(table.rows[0].cells, block.charts, strict=False):
            self.charts += 1
            p = cell.paragraphs[0]
            p.style = "图"
            picture = p.add_run().add_picture(BytesIO(self.drawings[self.charts].png), width=Mm(width - 4))
            properties = picture._inline.docPr
            properties.set("descr", plain(chart.description))
            properties.set("title", plain(chart.caption))
            cell.add_paragraph(self.document.numbered("图", self.charts) + plain(chart.caption), style="图题")
        for cell in table.rows[0].cells:
            cell.width = Mm(width)
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))

    def index(self) -> None:
        """The numbered list of all numbers; each has a bookmark that the citations link to."""
        heads = ["编号", "数值", "内容", "地区、年份", "分子 / 分母", "追溯与来源"]
        widths = [0.7, 1.2, 3.0, 1.8, 1.7, 3.2]
        table = self.made.add_table(rows=1 + len(self.document.entries), cols=len(widths))
        table.style, table.autofit = "公文表格", False
        rows = table.rows
        head = rows[0].cells
        for cell, text in zip(head, heads, strict=True):
            run(self.cell(cell, Align.CENTER), self.document.say(text), strong=True, east="黑体")
            shade(cell, "F1F4F7")
        rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        cells = table._cells
        n = len(widths)
        for i, e in enumerate(self.document.entries, start=1):
            counted = f"{e.numerator} / {e.denominator}" if e.numerator and e.denominator else e.numerator
            place = "，".join(x for x in (e.area, e.year) if x)
            texts = (str(e.number), e.text, e.what, place, counted, e.command or e.origin)
            for k, text in enumerate(texts):
                p = cells[i * n + k].paragraphs[0]
                p._p.style = self.style_ids["表内小字"]
                if k == 0:
                    bookmark(p, f"B{e.number}", text)
                else:
                    p.add_run(text)
        total = sum(widths)
        for i, column in enumerate(table.columns):
            column.width = Mm(self.width * widths[i] / total)
