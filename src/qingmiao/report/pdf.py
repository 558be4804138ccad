"""The report as PDF through typst, set in the manner of GB/T 9704-2012.

The document goes to the template as JSON: its text is never read as markup, whatever characters it holds.
Only the fonts in the folder given are used, so the same input gives the same bytes on every machine.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from qingmiao.figures.marks import Mark
from qingmiao.report.model import (
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
    Pictures,
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
from qingmiao.report.workshop import Drawing, start

TITLE_LINE = 20
"""Characters of 2号 type on one line."""
FRAME = ("演示数据 · 不得引用", "目　录", "表", "图", "编号", "数值", "内容", "地区、年份", "分子 / 分母", "版", "追溯")
"""Words of the template, in the language of the report."""
Json = dict[str, Any]
"""What the template reads; checked by the template itself."""


def begin_pdf(document: Document, drawings: Mapping[int, Drawing], folder: Path, fonts: Path) -> subprocess.Popen[str]:
    """Start to set the PDF in the folder that holds the drawn charts; it will stand there as report.pdf.

    The date in its metadata is the document's; equal input gives equal bytes.
    """
    template = resources.files("qingmiao.report") / "templates" / "report.typ"
    (folder / "report.typ").write_text(template.read_text("utf-8"), "utf-8")
    (folder / "document.json").write_text(json.dumps(as_json(document, drawings), ensure_ascii=False), "utf-8")
    return start("typesetting", folder, fonts, document.generated_on.isoformat())


def as_json(document: Document, drawings: Mapping[int, Drawing]) -> Json:
    """The document as plain data for the template."""
    numbers = iter(heading_numbers(document.blocks, document.language))
    charts = iter(sorted(drawings))
    date = document.generated_on
    return {
        "title": document.title,
        "title_lines": _title_lines(document),
        "issuer": document.issuer,
        "date": document.date_text,
        "day": [date.year, date.month, date.day],
        "demo": document.demo,
        "watermark": document.watermark,
        "sheet": document.sheet,
        "reference": document.reference,
        "fitted": document.fitted,
        "contents": document.contents,
        "index": document.index_name,
        "lang": document.language,
        "say": {word: document.say(word) for word in FRAME},
        "linked": document.linked,
        "subject": document.subject,
        "blocks": [_block(b, document, numbers, charts, drawings) for b in document.blocks],
        "entries": [
            [
                str(e.number),
                e.text,
                e.what,
                "，".join(x for x in (e.area, e.year) if x),
                _ratio(e.numerator, e.denominator),
                e.version,
                e.command.removeprefix("qingmiao explain ") or e.origin,
            ]
            for e in document.entries
        ],
    }


def _title_lines(document: Document) -> list[str]:
    """A long title breaks behind the plan's name, so that no word is cut."""
    rest = document.title.removeprefix(document.subject)
    if len(document.title) > TITLE_LINE and rest and rest != document.title:
        return [document.subject, rest.removeprefix(": ")]
    return [document.title]


def _ratio(numerator: str, denominator: str) -> str:
    return f"{numerator} / {denominator}" if numerator and denominator else numerator


def _block(block: Block, document: Document, numbers: Any, charts: Any, drawings: Mapping[int, Drawing]) -> Json:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "number": next(numbers), "text": plain(block.parts)}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "role": block.role, "parts": _cited(block.parts)}
    if isinstance(block, Table):
        return _table(block, document.index_name)
    if isinstance(block, Charts):
        cells = []
        for chart in block.charts:
            number = next(charts)
            cells.append(
                {
                    "file": f"chart-{number}.svg",
                    "caption": plain(chart.caption),
                    "alt": plain(chart.description),
                    "number": number,
                }
            )
        return {"kind": "charts", "wide": block.wide, "charts": cells}
    if isinstance(block, FormBoxes):
        lines = [
            [{"label": box.label, "parts": parts_json(box.parts, cite=False)} for box in line] for line in block.lines()
        ]
        return {"kind": "boxes", "lines": lines}
    if isinstance(block, SignatureLines):
        return {"kind": "signs", "labels": list(block.labels)}
    if isinstance(block, Legend):
        rows = [{"name": n, "marks": [_mark(m) for m, _ in marks]} for n, marks in block.rows]
        return {"kind": "legend", "rows": rows}
    if isinstance(block, Pictures):
        return {"kind": "pictures", "pictures": [{"svg": p.svg, "alt": p.words} for p in block.pictures]}
    if isinstance(block, PageBreak):
        return {"kind": "pagebreak"}
    if isinstance(block, NumberIndex):
        return {"kind": "index"}
    raise TypeError(f"unknown block {block!r}")


def _table(table: Table, index_name: str) -> Json:
    columns = [
        {"header": header(table, i), "align": c.align.value, "width": c.width} for i, c in enumerate(table.columns)
    ]
    rows = []
    for row in table.rows:
        cells: list[Any] = [parts_json(cell, cite=not table.cite) for cell in row]
        if table.cite:
            found = tuple(f.entry for cell in row for f in figures_in(cell))
            cells.append([{"cite": ranges(found), "to": min(found)}] if found else [])
        rows.append(cells)
    if table.cite:
        columns.append({"header": index_name, "align": "center", "width": 0.9})
    return {
        "kind": "table",
        "caption": plain(table.caption),
        "columns": columns,
        "rows": rows,
        "size": table.size,
        "note": parts_json(table.note, cite=False),
    }


def parts_json(parts: Parts, *, cite: bool = True, strong: bool = False) -> list[Json]:
    """Inline parts: t = text, n = number with its entry, m = mark."""
    out: list[Json] = []
    for part in parts:
        if isinstance(part, Text):
            out.append({"t": part.text, "b": strong or part.strong})
        elif isinstance(part, Figure):
            out.append({"n": part.text, "e": part.entry, "b": strong or part.strong, "c": cite or not part.text})
        elif isinstance(part, Strong):
            out.extend(parts_json(part.parts, cite=cite, strong=True))
        elif isinstance(part, Mark):
            out.append(_mark(part))
        else:
            raise TypeError(f"unresolved part {part!r}")
    return out


def _cited(parts: Parts) -> list[Json]:
    """A paragraph with one citation behind each sentence."""
    out: list[Json] = []
    for sentence, entries, stop in sentences(parts):
        out.extend(parts_json(sentence, cite=False))
        if entries:
            out.append({"s": ranges(entries), "to": entries[0]})
        if stop:
            out.append({"t": stop, "b": False})
    return out


def _mark(mark: Mark) -> Json:
    return {"m": mark.sign, "l": mark.label, "a": mark.answer.value}
