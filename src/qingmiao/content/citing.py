"""A source as an official cites it: title and article; how well it was read stays in the documentation."""

from __future__ import annotations

from qingmiao.content.base import EvidenceMark, Source

UNSET = {
    EvidenceMark.GENERAL_KNOWLEDGE: "计算方法没有统一规定，按通行做法",
    EvidenceMark.LOCAL: "由本县设定，待确认",
    EvidenceMark.PROPOSAL: "计算方法为建议，待确认",
}
"""What a reader must know of a method that no authority has set; whether a copy or a reprint was read is not."""


def cited(source: Source) -> str:
    """The title in 《》 with its place behind it, and in brackets what no authority has set.

    A title that holds 《 already stays as it is: nothing is added that the source does not say.
    """
    title = source.document
    said = title if "《" in title or source.evidence is not EvidenceMark.OFFICIAL else f"《{title}》"
    told = f"{said}{source.place}" if said.endswith("》") else f"{said} {source.place}".strip()
    unset = UNSET.get(source.evidence, "")
    return f"{told}（{unset}）" if unset else told
