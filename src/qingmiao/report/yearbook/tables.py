"""The tables of a yearbook: what of each number may be published, breaks of definition, and what the signs mean.

A number is made of a numerator and denominator that have both gone through `disclosure` (`figures.public_numbers`), so
that no small count stands in a yearbook or follows from it; what is no count is printed only where it was collected as
a plain yearly figure of the whole county.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from qingmiao.assess.values import breaks_of
from qingmiao.content.base import Label
from qingmiao.content.indicators import Definition, Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.yearbooks import Yearbook, YearbookChapter, YearbookTable, rows_of
from qingmiao.figures.book import Book
from qingmiao.figures.numbers import Dims, ValueOf
from qingmiao.figures.public_numbers import Earlier, PublicPart, about_of, part_of, value_of, whole

HIDDEN, NONE, BROKEN = "※", "…", "#"
"""Not published; no data; the first year of a definition that must not be compared with those before."""


@dataclass(frozen=True)
class BookRow:
    """One indicator: its values in the order of the columns, as they are printed."""

    indicator: str
    label: Label
    unit: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class BookTable:
    """One table: its number (1-2), title, the heads of its columns and its rows; one without a value is left out."""

    number: str
    label: Label
    heads: tuple[Label, ...]
    rows: tuple[BookRow, ...]
    notes: tuple[Label, ...]
    chapter: int


@dataclass(frozen=True)
class Yearly:
    """A yearbook of a year: chapters by their labels, tables, and the indicators that stand in them."""

    book: Yearbook
    county: str
    year: int
    chapters: tuple[Label, ...]
    tables: tuple[BookTable, ...]
    indicators: tuple[Indicator, ...]
    parts: tuple[PublicPart, ...] = ()
    """The counts behind the numbers as they are shown: what later releases are compared with."""

    @cached_property
    def counted(self) -> Mapping[str, int]:
        """How many numbers are printed, not published, and unknown."""
        every = [v for t in self.tables for r in t.rows for v in r.values]
        shown = [v for v in every if v not in (HIDDEN, NONE)]
        return {"shown": len(shown), "hidden": every.count(HIDDEN), "none": every.count(NONE)}


def yearly(pack: Pack, values: Book, yearbook: Yearbook, year: int, earlier: Earlier | None = None) -> Yearly:
    """The yearbook of a year out of a run's values, beside all that was published `earlier` about the same people."""
    parts: dict[str, PublicPart] = {}
    maker = _Maker(pack, values, yearbook, year, earlier or {}, parts)
    chapters: list[Label] = []
    tables: list[BookTable] = []
    for chapter in yearbook.chapters:
        made = [t for one in chapter.tables if (t := maker.table(chapter, one)) is not None]
        if made:
            chapters.append(chapter.label)
            tables += [
                BookTable(f"{len(chapters)}-{n}", t.label, t.heads, t.rows, t.notes, len(chapters) - 1)
                for n, t in enumerate(made, start=1)
            ]
    named = dict.fromkeys(r.indicator for t in tables for r in t.rows)
    root = pack.root_area
    return Yearly(
        yearbook, root.name if root is not None else "", year, tuple(chapters), tuple(tables),
        tuple(pack.indicators[i] for i in named), tuple(parts.values()),
    )  # fmt: skip


@dataclass(frozen=True)
class _Maker:
    pack: Pack
    values: Book
    yearbook: Yearbook
    year: int
    earlier: Earlier
    parts: dict[str, PublicPart]

    @property
    def root(self) -> str:
        area = self.pack.root_area
        return area.code if area is not None else ""

    @cached_property
    def towns(self) -> tuple[str, ...]:
        return tuple(a.code for a in self.pack.areas.values() if a.parent == self.root)

    def table(self, chapter: YearbookChapter, one: YearbookTable) -> BookTable | None:
        indicators = rows_of(self.pack, chapter, one)
        heads, rows = getattr(self, f"_by_{one.columns}")(indicators, one)
        kept = tuple(r for r in rows if any(v not in (NONE, HIDDEN) for v in r.values))
        if not kept:
            return None
        notes = [one.note] if one.note is not None else []
        notes += self._breaks([self.pack.indicators[r.indicator] for r in kept]) if one.columns == "years" else []
        return BookTable("", one.label, tuple(heads), kept, tuple(notes), 0)

    def _by_years(self, indicators: tuple[Indicator, ...], one: YearbookTable) -> tuple[list[Label], Iterator[BookRow]]:
        years = range(self.year - self.yearbook.years + 1, self.year + 1)

        def row(i: Indicator) -> BookRow:
            broken = breaks_of(i)
            texts = {y: self._county(i, y) for y in years}
            marked = (f"{t}{BROKEN}" if y in broken and t not in (NONE, HIDDEN) else t for y, t in texts.items())
            return BookRow(i.id, i.label, i.unit, tuple(marked))

        return [Label(zh=str(y), en=str(y)) for y in years], map(row, indicators)

    def _by_areas(self, indicators: tuple[Indicator, ...], one: YearbookTable) -> tuple[list[Label], Iterator[BookRow]]:
        heads = [Label(zh="全县", en="County"), *(Label(zh=self.pack.areas[t].name) for t in self.towns)]
        return heads, (self._spread(i, {t: (t, ()) for t in self.towns}) for i in indicators)

    def _by_groups(
        self, indicators: tuple[Indicator, ...], one: YearbookTable
    ) -> tuple[list[Label], Iterator[BookRow]]:
        by = one.by or ""
        codes: dict[str, str] = {}
        for i in indicators:
            found = self.pack.code_list(i.id, by)
            codes |= {item.code: item.label.zh for item in found.items} if found is not None else {}
        cells: dict[str, tuple[str, Dims]] = {code: (self.root, ((by, code),)) for code in codes}
        heads = [Label(zh="合计", en="Total"), *(Label(zh=name) for name in codes.values())]
        return heads, (self._spread(i, cells, by=by) for i in indicators)

    def _county(self, indicator: Indicator, year: int) -> str:
        return self._spread(indicator, {}, year).values[0]

    def _spread(
        self, indicator: Indicator, places: Mapping[str, tuple[str, Dims]], year: int = 0, by: str = ""
    ) -> BookRow:
        """The county's value and those of its parts (areas, or the groups of `by`), as they may be published."""
        at = year or self.year
        whole_ = self.values.cell(ValueOf(indicator.id, self.root, at))
        parts = {k: self.values.cell(ValueOf(indicator.id, area, at, dims=dims)) for k, (area, dims) in places.items()}
        known = {k: c for k, c in parts.items() if c is not None and c.value is not None}
        texts = dict.fromkeys(("", *places), NONE)
        definition = indicator.definition_for(at)
        if whole_ is not None and whole_.value is not None and definition is not None:
            texts |= dict.fromkeys(("", *known), HIDDEN)
            if definition.source == "series":
                texts[""] = self.values.number(ValueOf(indicator.id, self.root, at)).text  # type: ignore[union-attr]
            elif definition.numerator is not None:
                texts |= self._published(indicator, definition, at, known, by)
        return BookRow(indicator.id, indicator.label, indicator.unit, tuple(texts[k] for k in ("", *places)))

    def _published(
        self, indicator: Indicator, definition: Definition, year: int, known: Mapping[str, object], by: str
    ) -> dict[str, str]:
        sides: list[PublicPart] = []
        for side, name in ((definition.numerator, "numerator"), (definition.denominator, "denominator")):
            if side is None:
                continue
            county = whole(getattr(self.values.cell(ValueOf(indicator.id, self.root, year)), name))
            if county is None:
                return {}
            counts = {k: whole(getattr(cell, name)) for k, cell in known.items()}
            some = {k: n for k, n in counts.items() if n is not None}
            about = about_of(definition, side, year) + (f".{by}" if by else "")
            made = part_of(about, county, some, self.earlier)
            if about not in self.parts or len(made.towns) > len(self.parts[about].towns):
                self.parts[about] = made
            sides.append(made)
        ratio = len(sides) > 1
        found = {}
        for key in ("", *known):
            shown = [p.county if key == "" else p.towns.get(key) for p in sides]
            text = value_of(indicator, shown[0], shown[1] if ratio else None, ratio=ratio)
            found[key] = text or HIDDEN
        return found

    def _breaks(self, indicators: list[Indicator]) -> list[Label]:
        """A note on each break of definition within the years of the table."""
        first, found = self.year - self.yearbook.years + 1, []
        for i in indicators:
            for d in i.definitions:
                if not d.comparable and d.first_year is not None and first <= d.first_year <= self.year:
                    zh = f"{i.label.zh}：{d.first_year}年起口径改变，与以前不可比。{d.reason}"
                    en = f"{i.label.en or i.label.zh}: another definition from {d.first_year}, not comparable."
                    found.append(Label(zh=zh, en=en))
        return found
