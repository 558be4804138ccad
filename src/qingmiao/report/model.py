"""The report as data, independent of docx, PDF and HTML.

A draft holds `Text` (prose without free numerals), `Words` (verbatim words of the pack, looked up) and references to
numbers; resolving turns it into a `Document` whose parts are only `Text` and `Figure`. Writers accept nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from qingmiao.figures.english import english
from qingmiao.figures.entries import AppendixEntry
from qingmiao.figures.marks import Mark
from qingmiao.figures.numbers import NumberRef, WordsRef


@dataclass(frozen=True)
class Text:
    """Prose. Digits are refused when the draft is resolved, but for the years that the document allows."""

    text: str
    strong: bool = False
    verbatim: bool = False
    """True only for words that were looked up in the pack; set by the resolver, never by a builder."""


@dataclass(frozen=True)
class Sourced:
    """A sentence that an official wrote with its source in it: its digits are the source's, not the run's."""

    text: str


@dataclass(frozen=True)
class Figure:
    """A resolved number: its text and its entry in the appendix (1-based)."""

    text: str
    entry: int
    strong: bool = False


@dataclass(frozen=True)
class Strong:
    """Parts that are set in bold."""

    parts: tuple[Inline, ...]


Inline = Text | Sourced | Figure | Strong | Mark | NumberRef | WordsRef
Parts = tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    """A heading of level 1–4; its number (一、 （一） 1. （1）) is given by its place, never written."""

    level: Literal[1, 2, 3, 4]
    parts: Parts
    numbered: bool = True


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; `note` is smaller and not indented (below a table, for example)."""

    parts: Parts
    role: Literal["body", "note", "signature", "lead", "annexed", "written"] = "body"


class Align(StrEnum):
    """How a column stands."""

    LEFT = "left"
    RIGHT = "right"
    CENTER = "center"


@dataclass(frozen=True)
class TableColumn:
    """One column: header, alignment and its share of the width."""

    header: str
    align: Align = Align.LEFT
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """A table with a repeating header row and a caption (empty: none); each row has as many cells as there are columns.

    `head` may replace the columns' headers by parts (words of the pack). With `cite`, writers add a last column that
    names the appendix entries of the row's numbers; otherwise each number carries its own entry number.
    """

    caption: Parts
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Parts, ...], ...]
    note: Parts = ()
    cite: bool = True
    size: Literal["normal", "small"] = "normal"
    head: tuple[Parts, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"row of {len(row)} cells in a table of {len(self.columns)} columns")


@dataclass(frozen=True)
class ChartPoint:
    """One point of a chart: `at` is the year or the label on the other axis; low/high the interval, when known."""

    at: int | str
    value: NumberRef | Figure
    number: float = 0.0
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class TargetLine:
    """A number to compare with: due in `year` and in force from the year after `since` (None: from the first on, or
    across all areas); it `ends` in its year or is drawn across. `label` says what it is; only a target's own number is
    called 目标值."""

    value: NumberRef | Figure
    label: str
    number: float = 0.0
    year: int | None = None
    since: int | None = None
    ends: bool = True


@dataclass(frozen=True)
class SeriesChart:
    """Values by year with intervals, target line, national reference, forecast band and breaks of definition."""

    caption: Parts
    unit: str
    label: str
    points: tuple[ChartPoint, ...]
    target: tuple[TargetLine, ...] = ()
    reference: tuple[ChartPoint, ...] = ()
    reference_label: str = ""
    forecast: tuple[ChartPoint, ...] = ()
    breaks: tuple[int, ...] = ()
    zero: bool = False
    description: Parts = ()


@dataclass(frozen=True)
class DotChart:
    """One dot per area with an interval (funnel limits or confidence), the whole county's value and the bar."""

    caption: Parts
    unit: str
    label: str
    points: tuple[ChartPoint, ...]
    county: TargetLine | None = None
    target: tuple[TargetLine, ...] = ()
    description: Parts = ()


@dataclass(frozen=True)
class StackChart:
    """Counts of targets by field and verdict, as stacked horizontal bars told apart by pattern, place and text."""

    caption: Parts
    label: str
    classes: tuple[str, ...]
    points: tuple[tuple[str, tuple[tuple[str, NumberRef | Figure, float], ...]], ...]
    description: Parts = ()


Chart = SeriesChart | DotChart | StackChart


@dataclass(frozen=True)
class Charts:
    """Charts that stand side by side, two in a row on paper; `wide` gives a single chart the whole width."""

    charts: tuple[Chart, ...]
    wide: bool = False


@dataclass(frozen=True)
class Legend:
    """The signs of the three answers and what they say; one row an answer."""

    rows: tuple[tuple[str, tuple[tuple[Mark, str], ...]], ...]


@dataclass(frozen=True)
class PageBreak:
    """A new page on paper; nothing on screen."""


@dataclass(frozen=True)
class NumberIndex:
    """Where the numbered list of all numbers stands; filled from `Document.entries`."""


@dataclass(frozen=True)
class FormBox:
    """One thing of a printed form and what was answered; a `wide` one fills the line, two others share one."""

    label: str
    parts: Parts
    wide: bool = False


@dataclass(frozen=True)
class FormBoxes:
    """The boxes of a printed form, in lines of two or of one."""

    boxes: tuple[FormBox, ...]

    def lines(self) -> tuple[tuple[FormBox, ...], ...]:
        """The boxes of each line; one that finds no other to share a line fills it."""
        found: list[tuple[FormBox, ...]] = []
        waiting: list[FormBox] = []
        for box in self.boxes:
            if box.wide:
                found += [tuple(waiting)] if waiting else []
                found.append((box,))
                waiting = []
            else:
                waiting.append(box)
                if len(waiting) == 2:
                    found.append(tuple(waiting))
                    waiting = []
        return (*found, tuple(waiting)) if waiting else tuple(found)


@dataclass(frozen=True)
class SignatureLines:
    """Lines at the foot of a printed form that people sign or seal by hand."""

    labels: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A drawing that is there already, as SVG; `words` say what it shows to who cannot see it."""

    svg: str
    words: str


@dataclass(frozen=True)
class Pictures:
    """Drawings of a printed form, two in a row; on paper (PDF) alone."""

    pictures: tuple[Picture, ...]


Block = Heading | Paragraph | Table | Charts | Legend | PageBreak | NumberIndex | FormBoxes | SignatureLines | Pictures


@dataclass(frozen=True)
class Document:
    """A whole report. `generated_on` is its only date; nothing here asks the clock."""

    title: str
    issuer: str
    generated_on: date
    blocks: tuple[Block, ...]
    entries: tuple[AppendixEntry, ...] = ()
    demo: bool = False
    snapshot_id: str = ""
    run_id: str = ""
    subject: str = ""
    allowed_years: frozenset[int] = field(default_factory=frozenset)
    contents: bool = True
    """Whether a front page lists the headings; without, the text begins below the title."""
    index_name: str = "附件"
    """What the report calls its list of numbers."""
    linked: bool = True
    """Whether a number leads to its entry: the list of numbers stands in the document itself (`report.annex`)."""
    language: str = "zh"
    watermark: str = ""
    """Words across every page: for whom a copy was made, by whom, when."""
    sheet: Literal["official", "form"] = "official"
    """The type area of official documents, or that of forms and handbooks: wider, in smaller type."""
    reference: str = ""
    """What a form has beside its issuer, over its boxes: the number of its case."""
    fitted: bool = False
    """On paper, what stands between two page breaks is made to fit one page."""

    def say(self, words: str) -> str:
        """Words of the frame around the text (目录, 编号) in the language of the report."""
        return english(words) if self.language == "en" else words

    def numbered(self, kind: Literal["表", "图"], number: int) -> str:
        """What stands in front of a caption: 表1　, Table 1."""
        return f"{self.say(kind)} {number}. " if self.language == "en" else f"{kind}{number}　"

    @property
    def date_text(self) -> str:
        """The date as an official document writes it: 2025年3月1日."""
        d = self.generated_on
        if self.language == "en":
            return f"{d.day} {d:%B %Y}"
        return f"{d.year}年{d.month}月{d.day}日"

    def charts(self) -> Iterator[Chart]:
        """All charts in the order of the document."""
        for block in self.blocks:
            if isinstance(block, Charts):
                yield from block.charts


def plain(parts: Parts) -> str:
    """The text of resolved parts, without marks' signs."""
    out = []
    for part in parts:
        if isinstance(part, Text | Figure):
            out.append(part.text)
        elif isinstance(part, Strong):
            out.append(plain(part.parts))
        elif isinstance(part, Mark):
            out.append(part.label)
        else:
            raise TypeError(f"unresolved part {part!r}")
    return "".join(out)


def figures_in(parts: Parts) -> tuple[Figure, ...]:
    """All resolved numbers in parts, in order."""
    found: list[Figure] = []
    for part in parts:
        if isinstance(part, Figure):
            found.append(part)
        elif isinstance(part, Strong):
            found.extend(figures_in(part.parts))
    return tuple(found)


def header(table: Table, index: int) -> str:
    """The header of a column as text (resolved)."""
    if table.head and table.head[index]:
        return plain(table.head[index])
    return table.columns[index].header


def sentences(parts: Parts) -> tuple[tuple[Parts, tuple[int, ...], str], ...]:
    """A paragraph cut at its full stops: the words, the entries of their numbers, and the stop (or nothing).

    Writers set one citation a sentence, before the stop, as GB/T 7714 does.

    A stop within words of the pack does not cut.
    """
    out: list[tuple[Parts, tuple[int, ...], str]] = []
    current: list[Inline] = []

    def close(stop: str) -> None:
        if current or stop:
            entries = tuple(dict.fromkeys(f.entry for f in figures_in(tuple(current)) if f.text))
            out.append((tuple(current), entries, stop))
            current.clear()

    for part in parts:
        pieces = _STOP.split(part.text) if isinstance(part, Text) and not part.verbatim else []
        if not isinstance(part, Text) or len(pieces) < 2:
            current.append(part)
            continue
        for piece, stop in zip(pieces[:-1:2], pieces[1::2], strict=True):
            if piece:
                current.append(Text(piece, part.strong))
            close(stop)
        if pieces[-1]:
            current.append(Text(pieces[-1], part.strong))
    close("")
    return tuple(out)


_STOP = re.compile(r"(。|\.(?= |$) ?)")
_CHINESE = "零一二三四五六七八九十"


def chinese_number(n: int) -> str:
    """1 → 一, 10 → 十, 23 → 二十三 (1–99)."""
    if not 1 <= n <= 99:
        raise ValueError(f"{n} is outside 1–99")
    tens, ones = divmod(n, 10)
    if tens == 0:
        return _CHINESE[ones]
    head = "十" if tens == 1 else _CHINESE[tens] + "十"
    return head + (_CHINESE[ones] if ones else "")


def heading_numbers(blocks: tuple[Block, ...], language: str = "zh") -> tuple[str, ...]:
    """The number of each heading in order: 一、 then （一） then 1. then （1）, counted anew below each higher one; in
    English 1. then 1.1 and so on.

    Source: GB/T 9704-2012, 7.3.3 (结构层次序数). A heading that is not numbered gives "".
    """
    counts = [0, 0, 0, 0]
    out: list[str] = []
    for block in blocks:
        if not isinstance(block, Heading):
            continue
        if not block.numbered:
            counts[block.level :] = [0] * (4 - block.level)
            out.append("")
            continue
        counts[block.level - 1] += 1
        counts[block.level :] = [0] * (4 - block.level)
        n = counts[block.level - 1]
        if language == "en":
            out.append(".".join(map(str, counts[: block.level])) + (". " if block.level == 1 else " "))
            continue
        out.append(
            {1: f"{chinese_number(n)}、", 2: f"（{chinese_number(n)}）", 3: f"{n}. ", 4: f"（{n}）"}[block.level]
        )
    return tuple(out)


def ranges(entries: tuple[int, ...]) -> str:
    """Entry numbers as a short list: (3, 4, 5, 9) → "3–5，9"."""
    numbers = sorted(set(entries))
    out: list[str] = []
    start = 0
    for i, n in enumerate(numbers):
        if i + 1 < len(numbers) and numbers[i + 1] == n + 1:
            continue
        first = numbers[start]
        out.append(str(first) if first == n else f"{first}–{n}")
        start = i + 1
    return "，".join(out)
