"""Editing a report's prose while its numbers stay resolved.

A paragraph is shown as text in which every number, quotation and sign is a token {1}, {2} … in its order. A person may
rewrite the words and move or leave out tokens; a token keeps what it refers to, and what is typed may hold no digit of
its own (the resolver refuses it, but for years that the report allows).
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from qingmiao.figures.book import Book
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.report.languages import in_language
from qingmiao.report.model import Document, Inline, Paragraph, Parts, Sourced, Text, plain
from qingmiao.report.references import resolve
from qingmiao.report.written import lines

_TOKEN = re.compile(r"\{(\d+)\}")
MAX_LENGTH = 4000
EDITED = ("body", "written")
"""What may be rewritten; a written paragraph has no references, and begins empty."""


class ProseError(UserError):
    """An edited paragraph cannot be used; `faults` says why."""


@dataclass(frozen=True)
class Prose:
    """One paragraph that may be edited: its place in the document, its text with tokens, what each token shows, the
    whole."""

    index: int
    text: str
    tokens: tuple[str, ...]
    shown: str


def editable(draft: Document, book: Book, *, only: Container[int] | None = None) -> tuple[Prose, ...]:
    """The body paragraphs of a draft (or `only` those at these places) with what they and their tokens show, in the
    language of the report.

    Raises UnresolvedNumberError.
    """
    found = []
    for i, block in enumerate(draft.blocks):
        if only is not None and i not in only:
            continue
        if isinstance(block, Paragraph) and block.role in EDITED and block.parts:
            tokens = tuple(_shown(draft, book, (ref,)) for ref in _references(block.parts))
            text = "" if block.role == "written" else _text(block.parts)
            found.append(Prose(i, text, tokens, _shown(draft, book, block.parts)))
    return tuple(found)


def _shown(draft: Document, book: Book, parts: Parts) -> str:
    (done,) = in_language(resolve(replace(draft, blocks=(Paragraph(parts),)), book), book.pack).blocks
    assert isinstance(done, Paragraph)
    return plain(done.parts)


def with_edits(draft: Document, edits: Mapping[int, str]) -> Document:
    """The draft with some paragraphs rewritten. Raises ProseError with every fault; numbers are checked when it is
    resolved."""
    blocks, faults = list(draft.blocks), list[Fault]()
    for index, text in sorted(edits.items()):
        block = draft.blocks[index] if 0 <= index < len(draft.blocks) else None
        if not isinstance(block, Paragraph) or block.role not in EDITED:
            faults.append(Fault("监测报告", 0, "no_paragraph", f"没有第 {index + 1} 段可改", place=str(index)))
            continue
        parts, wrong = _parse(text, _references(block.parts))
        if block.role == "written" and not wrong:
            parts = lines(text)
        faults += [Fault("监测报告", 0, "token", w, place=f"第{index + 1}块") for w in wrong]
        blocks[index] = replace(block, parts=parts)
    if faults:
        raise ProseError("改写的文字有问题，没有保存", faults)
    return replace(draft, blocks=tuple(blocks))


def _references(parts: Parts) -> list[Inline]:
    return [p for p in parts if not isinstance(p, Text | Sourced)]


def _text(parts: Parts) -> str:
    out, number = [], 0
    for p in parts:
        if isinstance(p, Text | Sourced):
            out.append(p.text)
        else:
            number += 1
            out.append(f"{{{number}}}")
    return "".join(out)


def _parse(text: str, refs: list[Inline]) -> tuple[Parts, list[str]]:
    wrong: list[str] = []
    text = text.strip()
    if not text:
        wrong.append("一段不能是空的；不要这段时写明原因")
    if len(text) > MAX_LENGTH:
        wrong.append(f"一段最多 {MAX_LENGTH} 个字")
    out: list[Inline] = []
    position = 0
    for match in _TOKEN.finditer(text):
        if match.start() > position:
            out.append(Text(text[position : match.start()]))
        number = int(match.group(1))
        if not 1 <= number <= len(refs):
            wrong.append(f"没有引用 {{{number}}}；这一段的引用是 1 到 {len(refs)}")
        else:
            out.append(refs[number - 1])
        position = match.end()
    if position < len(text):
        out.append(Text(text[position:]))
    if "{" in _TOKEN.sub("", text) or "}" in _TOKEN.sub("", text):
        wrong.append("花括号只用来写引用，例如 {1}")
    return tuple(out), wrong
