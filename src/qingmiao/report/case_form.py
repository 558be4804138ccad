"""A printed form of a case as a document: boxes with what is known, lines to sign, nothing made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qingmiao.casework.printing import PrintedCase
from qingmiao.report.model import Document
from qingmiao.report.printed_form import FormContent, OfForm, printed_form

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
    content = FormContent(
        form.label.zh,
        form.lead.zh if form.lead is not None else "",
        [(b.label, b.text, b.wide) for b in found.boxes],
        [(r.label, r.heads, r.rows) for r in found.rows],
        [s.zh for s in form.signs],
    )
    reference = f"案件号：{of.number}" if found.number is None else f"编号：{found.number or BLANK_NUMBER}"
    on_it = OfForm(reference, of.unit, of.on, of.watermark, of.demo)
    return printed_form(content, on_it, source=form.source, no_layout=NO_LAYOUT)
