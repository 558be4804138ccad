"""A report printed without marks: its numbers stand bare, each is found in the annex by the section in which it stands.

Whoever prints chooses: a superscript a sentence, or none. The numbers are the same, and were resolved before.
"""

from __future__ import annotations

from dataclasses import replace

from qingmiao.report.model import Block, Document, Figure, Heading, Inline, Paragraph, Parts, Strong, Table, Text


def uncited(document: Document) -> Document:
    """A resolved document whose sentences and tables show no numbers of entries."""
    return replace(document, blocks=tuple(_block(b) for b in document.blocks))


def _block(block: Block) -> Block:
    if isinstance(block, Heading | Paragraph):
        return replace(block, parts=_bare(block.parts))
    if isinstance(block, Table):
        rows = tuple(tuple(_bare(cell) for cell in row) for row in block.rows)
        head = tuple(_bare(h) for h in block.head)
        caption, note = _bare(block.caption), _bare(block.note)
        return replace(block, caption=caption, rows=rows, head=head, note=note, cite=False)
    return block


def _bare(parts: Parts) -> Parts:
    return tuple(one for part in parts for one in _one(part))


def _one(part: Inline) -> Parts:
    if isinstance(part, Figure):
        return (Text(part.text, verbatim=True, strong=part.strong),) if part.text else ()
    if isinstance(part, Strong):
        return (replace(part, parts=_bare(part.parts)),)
    return (part,)
