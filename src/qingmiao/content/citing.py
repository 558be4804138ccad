"""A source as an official cites it: who issued it, title, number and article; how well it was read stays in the
documentation."""

from __future__ import annotations

from qingmiao.content.base import EvidenceMark, Source

UNSET = {EvidenceMark.LOCAL: "由本县设定，待确认", EvidenceMark.PROPOSAL: "为建议，待确认"}
"""What a reader must know of what no authority has set; whether a copy or a reprint was read is not."""
UNSET_METHOD = UNSET | {EvidenceMark.GENERAL_KNOWLEDGE: "按通行做法"}
"""The same of how an indicator is computed: a document may name it and say nothing of its parts."""
NO_DOCUMENT = "尚无文件依据"
"""What stands in place of a title that is not known."""


def named(source: Source) -> str:
    """Who issued it, its title in 《》, its number in brackets and the place behind it; 尚无文件依据 without a title.

    Only what was issued (with an authority or a number, or read as the official text) gets 《》; a title that holds 《
    already stays as it is, and nothing is added that the source does not say.
    """
    title = source.document
    if not title:
        return NO_DOCUMENT
    issued = bool(source.authority or source.number) or source.evidence is EvidenceMark.OFFICIAL
    said = f"《{title}》" if issued and "《" not in title else title
    said = f"{source.authority}{said}" + (f"（{source.number}）" if source.number else "")
    close = bool(source.number) or said.endswith("》") or source.place.startswith("第")
    return f"{said}{source.place}" if close else f"{said} {source.place}".strip()


def cited(source: Source) -> str:
    """The document as `named` and, in brackets, what no authority has set."""
    unset = UNSET.get(source.evidence, "")
    return f"{named(source)}（{unset}）" if unset else named(source)


def method_cited(source: Source) -> str:
    """The source of an indicator: as `cited`, and where the document does not give the method, that as well."""
    unset = UNSET_METHOD.get(source.evidence, "")
    return f"{named(source)}（计算方法{unset}）" if unset else named(source)
