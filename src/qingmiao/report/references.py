"""Every number of a report is looked up in the run, and numbered; what cannot be looked up stops the report.

`resolve` walks a draft in reading order. A reference gets its text and the number of its appendix entry; the same
reference gets the same entry. Prose may hold no digit of its own, but for the years that the document allows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from qingmiao.figures.book import Book, FoundNumber
from qingmiao.figures.entries import AppendixEntry
from qingmiao.figures.marks import Mark
from qingmiao.figures.numbers import NUMBER_REFS, NumberRef, WordsRef
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.report.model import (
    Block,
    Chart,
    ChartPoint,
    Charts,
    Document,
    DotChart,
    Figure,
    Heading,
    Inline,
    Legend,
    Paragraph,
    Parts,
    SeriesChart,
    Sourced,
    Strong,
    Table,
    TargetLine,
    Text,
)


class UnresolvedNumberError(UserError):
    """A report holds numbers that cannot be followed; `faults` lists all of them. Nothing is written."""


_NUMERAL = re.compile(r"\d+(?:[.．]\d+)*")
_YEAR = re.compile(r"^\d{4}$", re.ASCII)
DIGITS = re.compile(r"[\d²³¹⁰-⁹½-¾①-⑳]")


def resolve(draft: Document, book: Book) -> Document:
    """The document with every reference resolved and `entries` filled. Raises UnresolvedNumberError listing all
    faults."""
    walk = _Walk(book, draft.allowed_years)
    blocks = tuple(walk.block(b, i) for i, b in enumerate(draft.blocks))
    walk.prose(draft.title, "标题")
    walk.prose(draft.issuer, "发文机关")
    if walk.faults:
        raise UnresolvedNumberError(f"报告中有 {len(walk.faults)} 处数字无法追溯，未生成任何文件", walk.faults)
    return replace(draft, blocks=blocks, entries=tuple(walk.entries))


_STOPS = "。；，、"


def one_stop(parts: list[Inline]) -> Parts:
    """Words of the pack that end in a stop lose it where the sentence around them goes on with one of its own."""
    out = list(parts)
    for i, part in enumerate(out):
        if isinstance(part, Text) and not part.verbatim and part.text[:1] in tuple(_STOPS):
            before = next((k for k in range(i - 1, -1, -1) if not _silent(out[k])), None)
            words = out[before] if before is not None else None
            if before is not None and isinstance(words, Text) and words.verbatim:
                out[before] = replace(words, text=words.text.rstrip(_STOPS))
    return tuple(out)


def _silent(part: Inline) -> bool:
    """The citation of a sentence of the run shows no text."""
    return isinstance(part, Figure) and not part.text


@dataclass
class _Walk:
    book: Book
    years: frozenset[int]

    def __post_init__(self) -> None:
        self.entries: list[AppendixEntry] = []
        self.faults: list[Fault] = []
        self._known: dict[object, Figure] = {}
        self._place = ""

    def block(self, block: Block, index: int) -> Block:
        self._place = f"第{index + 1}块"
        if isinstance(block, Heading):
            return replace(block, parts=self.parts(block.parts))
        if isinstance(block, Paragraph):
            return replace(block, parts=self.parts(block.parts))
        if isinstance(block, Table):
            caption = self.parts(block.caption)
            for column in block.columns:
                self.prose(column.header, "表头")
            rows = tuple(tuple(self.parts(cell) for cell in row) for row in block.rows)
            head = tuple(self.parts(h) for h in block.head)
            return replace(block, caption=caption, rows=rows, head=head, note=self.parts(block.note))
        if isinstance(block, Charts):
            return replace(block, charts=tuple(self.chart(c) for c in block.charts))
        if isinstance(block, Legend):
            for name, marks in block.rows:
                self.prose(name + "".join(text for _, text in marks), "图例")
        return block

    def chart(self, chart: Chart) -> Chart:
        """All points, lines and references of a chart, in order; the drawing uses the numbers found here."""
        if isinstance(chart, SeriesChart):
            return replace(
                chart,
                caption=self.parts(chart.caption),
                points=tuple(self.point(p) for p in chart.points),
                target=tuple(self.line(t) for t in chart.target),
                reference=tuple(self.point(p) for p in chart.reference),
                forecast=tuple(self.point(p) for p in chart.forecast),
                description=self.parts(chart.description),
            )
        if isinstance(chart, DotChart):
            return replace(
                chart,
                caption=self.parts(chart.caption),
                points=tuple(self.point(p) for p in chart.points),
                county=self.line(chart.county) if chart.county else None,
                target=tuple(self.line(t) for t in chart.target),
                description=self.parts(chart.description),
            )
        points = tuple((name, tuple(self._stack(cell) for cell in cells)) for name, cells in chart.points)
        return replace(
            chart,
            caption=self.parts(chart.caption),
            points=points,
            description=self.parts(chart.description),
        )

    def _stack(self, cell: tuple[str, NumberRef | Figure, float]) -> tuple[str, Figure, float]:
        found = self.number(cell[1])
        return cell[0], found[0], found[1]

    def point(self, point: ChartPoint) -> ChartPoint:
        figure, number = self.number(point.value)
        return replace(point, value=figure, number=number)

    def line(self, line: TargetLine) -> TargetLine:
        figure, number = self.number(line.value)
        return replace(line, value=figure, number=number)

    def parts(self, parts: Parts) -> Parts:
        out: list[Inline] = []
        for part in parts:
            out.extend(self.part(part))
        return one_stop(out)

    def part(self, part: Inline) -> Parts:
        if isinstance(part, Text):
            self.prose(part.text, self._place)
            return (replace(part, verbatim=False),)
        if isinstance(part, Sourced):
            return (Text(part.text, verbatim=True),)
        if isinstance(part, Strong):
            return (Strong(self.parts(part.parts)),)
        if isinstance(part, WordsRef):
            return self.words(part)
        if isinstance(part, NUMBER_REFS):
            return (self.number(part)[0],)
        if isinstance(part, Mark):
            return (part,)
        self.fault("free_number", f"「{part.text}」是写死的数字，不是引用", "改用引用")
        return (part,)

    def words(self, ref: WordsRef) -> Parts:
        """Words of the pack as they stand; a sentence of the run that holds numerals also gets an entry of its own."""
        found = self.book.words(ref)
        if found is None:
            self.fault("unresolved_words", f"找不到文字：{ref.kind} {ref.key} {ref.part}", "检查内容包")
            return ()
        text, entry = found
        if entry is None or not DIGITS.search(text):
            return (Text(text, verbatim=True),)
        return (Text(text, verbatim=True), self._numbered(ref, entry, ""))

    def number(self, ref: NumberRef | Figure) -> tuple[Figure, float]:
        """The figure and the number to draw."""
        if isinstance(ref, Figure):
            self.fault("free_number", f"图中「{ref.text}」是写死的数字，不是引用", "改用引用")
            return ref, 0.0
        found = self.book.number(ref)
        if found is None:
            self.fault("unresolved_number", f"找不到数字：{ref}", "检查指标值与研判结果是否来自同一次运行")
            return Figure("？", 0), 0.0
        return self._numbered(ref, found, found.text), found.value

    def _numbered(self, key: object, found: FoundNumber, text: str) -> Figure:
        if key not in self._known:
            number = len(self.entries) + 1
            self.entries.append(replace(found.entry, number=number))
            self._known[key] = Figure(text, number)
        return self._known[key]

    def prose(self, text: str, place: str) -> None:
        """Refuse digits that are no allowed year."""
        for match in _NUMERAL.finditer(text):
            word = match.group()
            if not (_YEAR.match(word) and int(word) in self.years):
                self.fault("free_number", f"正文里有写死的数字「{word}」：{text[:40]}", "改用引用", place)
                return
        if DIGITS.search(_NUMERAL.sub("", text)):
            self.fault("free_number", f"正文里有写死的数字：{text[:40]}", "改用引用", place)

    def fault(self, code: str, message: str, hint: str, place: str = "") -> None:
        self.faults.append(Fault("监测报告", 0, code, message, place=place or self._place, hint=hint))
