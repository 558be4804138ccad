"""The papers of an inspection as documents: the record, the order to put right, the opinion of the re-check, the letter
by which it is passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qingmiao.report.case_form import OfCase
from qingmiao.report.model import Block, Document, FormBox, FormBoxes, Paragraph, SignatureLines
from qingmiao.report.paper import form_document, note, plain_table, verbatim

PaperKind = Literal["record", "order", "recheck", "transfer"]
Rows = tuple[tuple[str, ...], ...]
TITLES: dict[PaperKind, str] = {
    "record": "检查记录表", "order": "责令整改通知书", "recheck": "复查意见书", "transfer": "移送函",
}  # fmt: skip
LEADS: dict[PaperKind, str] = {
    "record": "",
    "order": "{to}：经检查，{place}存在下列问题，请在整改期限以前整改完毕，并报送整改情况和材料。",
    "recheck": "{to}：对{place}的整改情况进行了复查，意见如下。",
    "transfer": "{to}：在对{place}的检查中发现下列问题，不属于本单位处理，现移送你单位依法处理，并请将处理结果告知本单位。",
}
SIGNS: dict[PaperKind, tuple[str, ...]] = {
    "record": ("检查人员（签名）", "检查人员（签名）", "受检单位（签名或盖章）"),
    "order": ("检查人员（签名）", "检查单位（盖章）", "受检单位签收"),
    "recheck": ("复查人员（签名）", "检查单位（盖章）", "受检单位签收"),
    "transfer": ("移送单位（盖章）", "接收单位签收"),
}
LAYOUT = "本表按检查记录排列；有规定式样的，以规定式样为准。"


@dataclass(frozen=True)
class VisitPaper:
    """What a paper says: to whom it goes, the place, its boxes (label, text), its tables (label, heads, rows)."""

    kind: PaperKind
    to: str
    place: str
    boxes: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, tuple[str, ...], Rows], ...]


def visit_paper(paper: VisitPaper, of: OfCase) -> Document:
    """The paper as a document; a table without rows says that there are none."""
    lead = LEADS[paper.kind].format(to=paper.to, place=paper.place)
    blocks: list[Block] = [Paragraph((verbatim(lead),))] if lead else []
    blocks.append(FormBoxes(tuple(FormBox(label, (verbatim(text),), len(text) > 20) for label, text in paper.boxes)))
    for label, heads, rows in paper.tables:
        blocks.append(plain_table(label, heads, rows))
    blocks.append(SignatureLines(SIGNS[paper.kind]))
    blocks.append(note(LAYOUT))
    return form_document(
        TITLES[paper.kind], blocks, unit=of.unit, on=of.on, reference=f"编号：{of.number}", watermark=of.watermark,
        demo=of.demo,
    )  # fmt: skip
