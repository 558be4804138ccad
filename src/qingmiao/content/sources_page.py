"""The page of what is not known of the sources of indicators: what an official would still have to look up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qingmiao.content.base import UNSET_MARKS, EvidenceMark, Source
from qingmiao.content.citing import method_cited
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack

HEAD = """# 指标来源中还不知道的（由工具生成）

页面和报告只写查得到的发文机关、文件名称、文号和条款（`content/citing.py`）；不知道的留空，不编。
这里列出每个指标的来源还缺什么、读到什么程度，供县里补全：查到原文后改内容包里指标的 `source`。
本页由 `python tools/source_docs.py` 生成，不手改。
"""


def missing(source: Source) -> tuple[str, ...]:
    """What is not known of a source, in the order of a citation."""
    if not source.document:
        return ("文件",)
    found = (
        [] if source.authority or source.evidence is EvidenceMark.OFFICIAL or "《" in source.document else ["发文机关"]
    )
    if not source.number and source.evidence is not EvidenceMark.OFFICIAL and "法》" not in source.document:
        found.append("文号")
    if not source.place:
        found.append("条款")
    if source.evidence in UNSET_MARKS:
        found.append("计算方法")
    return tuple(found)


def _rows(indicators: Iterable[Indicator]) -> Iterator[str]:
    for i in sorted(indicators, key=lambda i: i.id):
        lacking = missing(i.source)
        if lacking:
            said = (f"{i.label.zh} `{i.id}`", method_cited(i.source), "、".join(lacking) or "—",
                    i.source.evidence.label, i.source.note or "—")  # fmt: skip
            yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in said) + " |"


def page(packs: Iterable[Pack]) -> str:
    """The page of the packs given, each indicator once, under the pack that is named first; counts of the daily work,
    which no plan asks for, stand in none."""
    out, seen = [HEAD], set[str]()
    for pack in packs:
        new = [i for id_, i in pack.indicators.items() if id_ not in seen and not i.operation]
        seen |= {i.id for i in new}
        rows = list(_rows(new))
        out += ["", f"## {pack.title}", "", f"{len(new)} 个指标，{len(rows)} 个列在下面。", ""]
        out += ["| 指标 | 现在的写法 | 还缺 | 读到的程度 | 备注 |", "|---|---|---|---|---|", *rows]
    return "\n".join(out) + "\n"
