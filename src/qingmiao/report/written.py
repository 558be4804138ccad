"""The sections of a report that officials write (主要做法、存在问题、下一步建议), with facts from outside and their source.

A line with figures that the run did not make ends with （来源：…）, in English with (Source: …); who entered it is added
behind the source. Lines without a source hold no digit, like all prose.
"""

from __future__ import annotations

import re
from dataclasses import replace

from qingmiao.report.model import Block, Document, Heading, Paragraph, Parts, Sourced, Text

_SOURCE = re.compile(r"（来源：(?P<source>.{2,300}?)(?:；录入：(?P<who>[^；（）]{1,40}))?）(?P<stop>。?)$")
_SOURCE_EN = re.compile(r"\(Source: (?P<source>.{2,300}?)(?:; entered by (?P<who>[^;()]{1,40}))?\)(?P<stop>\.?)$")


def entered(text: str, before: str, name: str) -> str:
    """The lines with who entered each fact behind its source; a line that stood there before keeps its name."""
    kept = set(before.splitlines())

    def signed(line: str) -> str:
        if line in kept:
            return line
        if found := _SOURCE.search(line):
            return f"{line[: found.start()]}（来源：{found['source']}；录入：{name}）{found['stop']}"
        if found := _SOURCE_EN.search(line):
            return f"{line[: found.start()]}(Source: {found['source']}; entered by {name}){found['stop']}"
        return line

    return "\n".join(signed(line.strip()) for line in text.strip().splitlines() if line.strip())


def has_source(line: str) -> bool:
    """Whether a line ends with where its figures come from."""
    return bool(_SOURCE.search(line.strip()) or _SOURCE_EN.search(line.strip()))


def lines(text: str) -> Parts:
    """What an official wrote: a line with its source keeps its digits, others are prose like any other."""
    found = [line.strip() for line in text.splitlines() if line.strip()]
    ends = ["\n"] * (len(found) - 1) + [""]

    def part(line: str, end: str) -> Text | Sourced:
        return Sourced(line + end) if has_source(line) else Text(line + end)

    return tuple(part(line, end) for line, end in zip(found, ends, strict=True))


def spread(document: Document) -> Document:
    """The resolved report with each written line as a paragraph of its own."""
    out: list[Block] = []
    for block in document.blocks:
        if not isinstance(block, Paragraph) or block.role != "written":
            out.append(block)
            continue
        text = [part for part in block.parts if isinstance(part, Text)]
        out += [Paragraph((replace(part, text=line),)) for part in text for line in part.text.split("\n") if line]
    return replace(document, blocks=tuple(out))


def without_unwritten(draft: Document, edited: frozenset[int]) -> Document:
    """The draft without the sections that nobody wrote, and without their headings: what is filed holds no request."""
    blocks = draft.blocks
    drop = {i for i, b in enumerate(blocks) if isinstance(b, Paragraph) and b.role == "written" and i not in edited}
    drop |= {i - 1 for i in drop if i and isinstance(blocks[i - 1], Heading)}
    return replace(draft, blocks=tuple(b for i, b in enumerate(blocks) if i not in drop))
