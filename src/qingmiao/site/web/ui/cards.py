"""A table says on every cell which column it stands in, so that a phone can show a row as a card."""

from __future__ import annotations

import re

from django.utils.html import strip_tags

HEAD = re.compile(r"<thead\b.*?</thead>", re.DOTALL)
HEADING = re.compile(r"<th\b([^>]*)>(.*?)</th>", re.DOTALL)
EMPTY = re.compile(r"<th\b([^>]*)>\s*</th>")
PLACE = re.compile(r"<(tr|td|th)\b([^>]*)>")
SPAN = re.compile(r"\b(col|row)span=\"(\d+)\"")


def labelled(inside: str) -> str:
    """What stands in a `<table>` with `data-label` on each cell: the words of its column's heading.

    Columns are counted as a browser does, over `colspan` and `rowspan`. A cell over several columns, one whose heading
    is empty and the first cell of a row (the card's title) get no label. A heading without
    words becomes a plain cell. A table without a `<thead>` stays as it is.
    """
    head = HEAD.search(inside)
    if head is None:
        return inside
    names: list[str] = []
    for attributes, words in HEADING.findall(head.group().rpartition("<tr")[2]):
        names += [" ".join(strip_tags(words).split()).replace('"', "&quot;")] * _spans(attributes).get("col", 1)
    said = EMPTY.sub(r"<td\1></td>", head.group())
    return inside[: head.start()] + said + _CardRows(names).labelled(inside[head.end() :])


class _CardRows:
    """Walks the cells of a body from left to right, row by row."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.column = 0
        self.covered: frozenset[int] = frozenset()
        self.below: dict[int, int] = {}
        """Column → rows below that a cell above still covers."""

    def labelled(self, body: str) -> str:
        return PLACE.sub(self._place, body)

    def _place(self, found: re.Match[str]) -> str:
        tag, attributes = found.groups()
        if tag == "tr":
            self.column = 0
            self.covered = frozenset(self.below)
            self.below = {column: n - 1 for column, n in self.below.items() if n > 1}
            return found.group()
        while self.column in self.covered:
            self.column += 1
        spans = _spans(attributes)
        first, self.column = self.column, self.column + spans.get("col", 1)
        if spans.get("row", 1) > 1:
            self.below |= dict.fromkeys(range(first, self.column), spans["row"] - 1)
        name = self.names[first] if first < len(self.names) else ""
        if not name or first == 0 or spans.get("col", 1) > 1:
            return found.group()
        return f'<{tag}{attributes} data-label="{name}">'


def _spans(attributes: str) -> dict[str, int]:
    return {side: int(n) for side, n in SPAN.findall(attributes)}
