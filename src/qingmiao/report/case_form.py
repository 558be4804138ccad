"""A printed form of a case as a document: boxes with what is known, lines to sign, nothing made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qingmiao.casework.printing import NOT_ANSWERED, PrintedCase
from qingmiao.content.citing import named
from qingmiao.report.model import Block, Document, FormBox, FormBoxes, Paragraph, SignatureLines
from qingmiao.report.paper import form_document, note, plain_table, verbatim

NO_LAYOUT = "本表按办理时要填的内容排列；有规定式样的，以规定式样为准。"
BLANK_NUMBER = "＿＿＿＿＿＿"
"""A number that was not given is written in by hand."""


@dataclass(frozen=True)
class OfCase:
    """What a printed form says of the case as a whole: its number, the unit that issues it, the day, and `watermark`,
    for whom and when it was printed."""

    number: str
    unit: str
    on: date
    watermark: str = ""
    demo: bool = False


def case_form(found: PrintedCase, of: OfCase) -> Document:
    """The form as a document. Its reference is its own number where it has one, else the number of the case."""
    form = found.form
    blocks: list[Block] = [Paragraph((verbatim(form.lead.zh),))] if form.lead is not None else []
    if found.boxes:
        blocks.append(
            FormBoxes(tuple(FormBox(b.label, (verbatim(b.text or NOT_ANSWERED),), b.wide) for b in found.boxes))
        )
    for rows in found.rows:
        blocks.append(plain_table(rows.label, rows.heads, rows.rows))
    blocks.append(SignatureLines(tuple(s.zh for s in form.signs)))
    layout = NO_LAYOUT if form.source is None else f"式样依据：{named(form.source)}。"
    blocks.append(note(layout))
    reference = f"案件号：{of.number}" if found.number is None else f"编号：{found.number or BLANK_NUMBER}"
    return form_document(
        form.label.zh, blocks, unit=of.unit, on=of.on, reference=reference, watermark=of.watermark, demo=of.demo
    )
