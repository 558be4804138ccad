"""The list of all numbers as an annex of its own (附件), as official documents carry long tables.

The report says in front of its signature that the annex belongs to it (GB/T 9704-2012, 7.3.6 附件说明); the annex is
written in the same formats beside it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qingmiao.report.model import Block, Document, Heading, NumberIndex, PageBreak, Paragraph, Text, plain

ANNEX = "数字索引"
MARK, MARK_EN = "-附件", "-annex"
"""What the name of an annex's file has behind that of the report, of a Chinese and of an English name."""


def annex_of(path: Path) -> Path:
    """The file of the annex beside a file of a report."""
    return path.with_name(f"{path.stem}{MARK_EN if path.stem.isascii() else MARK}{path.suffix}")


def parted(document: Document) -> tuple[Document, Document | None]:
    """The report without its list of numbers, and the annex that is that list with the words in front of it.

    A document without such a list stays as it is, with no annex.
    """
    blocks = document.blocks
    at = next((i for i, b in enumerate(blocks) if isinstance(b, NumberIndex)), None)
    if at is None:
        return document, None
    head = next((i for i in range(at, -1, -1) if isinstance(blocks[i], Heading)), at)
    begin = head - 1 if head and isinstance(blocks[head - 1], PageBreak) else head
    title = blocks[head]
    name = plain(title.parts) if isinstance(title, Heading) else document.say(ANNEX)
    colon, space = (": ", " ") if document.language == "en" else ("：", "")
    body = blocks[head + 1 : at + 1] if isinstance(title, Heading) else (blocks[at],)
    report = replace(
        document, blocks=_told(blocks[:begin] + blocks[at + 1 :], f"{document.index_name}{colon}{name}"), linked=False
    )
    annex = replace(document, title=f"{document.title}{space}{name}", blocks=body, contents=False)
    return report, annex


def _told(blocks: tuple[Block, ...], line: str) -> tuple[Block, ...]:
    """The line that names the annex, in front of the signature, or last where there is none."""
    signed = next((i for i, b in enumerate(blocks) if isinstance(b, Paragraph) and b.role == "signature"), len(blocks))
    return (*blocks[:signed], Paragraph((Text(line, verbatim=True),), role="annexed"), *blocks[signed:])
