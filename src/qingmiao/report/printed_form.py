"""A printed form, of a case or of a visit: a sentence, boxes with what is known, tables, lines to sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qingmiao.content.base import Source
from qingmiao.content.citing import named
from qingmiao.report.model import Block, Document, FormBox, FormBoxes, Paragraph, SignatureLines
from qingmiao.report.paper import form_document, note, plain_table, verbatim

NOT_ANSWERED = "—"


@dataclass(frozen=True)
class OfForm:
    """What a printed form says beside its content: the unit that issues it, the day, its reference, and `watermark`,
    for whom and when it was printed."""

    reference: str
    unit: str
    on: date
    watermark: str = ""
    demo: bool = False


@dataclass(frozen=True)
class FormContent:
    """What stands on it. `boxes`: (label, text, takes a whole line); `tables`: (label, heads, rows)."""

    title: str
    lead: str
    boxes: Sequence[tuple[str, str, bool]]
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]]
    signs: Sequence[str]


def printed_form(found: FormContent, of: OfForm, *, source: Source | None, no_layout: str) -> Document:
    """The form as a document. `source`: the document whose layout it follows; `no_layout`: what is said without one."""
    blocks: list[Block] = [Paragraph((verbatim(found.lead),))] if found.lead else []
    if found.boxes:
        blocks.append(
            FormBoxes(
                tuple(FormBox(label, (verbatim(text or NOT_ANSWERED),), wide) for label, text, wide in found.boxes)
            )
        )
    for label, heads, rows in found.tables:
        blocks.append(plain_table(label, heads, rows))
    blocks.append(SignatureLines(tuple(found.signs)))
    blocks.append(note(no_layout if source is None else f"式样依据：{named(source)}。"))
    return form_document(
        found.title, blocks, unit=of.unit, on=of.on, reference=of.reference, watermark=of.watermark, demo=of.demo
    )
