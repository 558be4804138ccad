"""What a reader of a report would stumble over: doubled stops, codes for words, numbers that no one writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from qingmiao.assess import assess_pack
from qingmiao.collect import Collected
from qingmiao.content.pack import Pack
from qingmiao.measure.run import measure
from qingmiao.monitor.found import collected_findings, findings, return_states
from qingmiao.report.build import build_report
from qingmiao.report.charts import told_lines
from qingmiao.report.model import (
    Charts,
    Document,
    DotChart,
    Heading,
    Legend,
    Paragraph,
    SeriesChart,
    StackChart,
    Table,
    header,
    plain,
)

LATER = date(2040, 3, 1)
"""A day on which nothing of the plans at hand lies ahead."""

_WRONG = {
    "doubled punctuation": re.compile(r"[。；，、：！？]{2,}|[（(][。；，、：]|[，、：；][）)]"),
    "a chance given and refused": re.compile(r"(?:不给出|没有)[^。]{0,8}概率[^。]*(?:概率|可能性)约"),
    "stop in brackets' place": re.compile(r"^[。；，、：）]|（）|\(\)|「」|“”|《》"),
    "a word of Python": re.compile(r"\b(None|nan|NaN|inf|True|False|true|false)\b"),
    "scientific notation": re.compile(r"\d[eE][+-]?\d"),
    "a chance of nothing": re.compile(r"p = 0\.0+(?!\d)"),
    "too many decimals": re.compile(r"\d\.\d{5,}"),
    "a template's place": re.compile(r"[{}]"),
    "two units": re.compile(r"%%|‰‰|\d人人"),
}
_PATHS = re.compile(r"[\w./-]+\.(?:csv|xlsx|parquet|json|yaml)\b|\b(?:facts|returns)/[\w./-]+")
_WORDS = re.compile(
    r"(?<![\w.])[A-Za-z_][A-Za-z0-9_.]*[A-Za-z0-9_]|(?<![\w.])[A-Za-z](?![\w.])|(?<![\d.])\d{6,}(?![\d.])"
)
_LETTERS = frozenset("ABC")
"""附录A, 附录B, 证据等级 C: letters of the report itself."""


def visible(document: Document) -> Iterator[tuple[str, str]]:
    """Every text that a reader sees, with where it stands; the commands of appendix B are for typing, not for
    reading."""
    yield "title", document.title
    for number, block in enumerate(document.blocks):
        place = f"block {number}"
        if isinstance(block, Heading | Paragraph):
            yield place, plain(block.parts)
        elif isinstance(block, Table):
            yield place, plain(block.caption)
            yield place, plain(block.note)
            yield from ((place, header(block, i)) for i in range(len(block.columns)))
            yield from ((place, plain(cell)) for row in block.rows for cell in row)
        elif isinstance(block, Legend):
            yield from ((place, name + "".join(text for _, text in marks)) for name, marks in block.rows)
        elif isinstance(block, Charts):
            for chart in block.charts:
                yield from ((f"chart of {chart.label}", text) for text in _of_chart(chart))
    for e in document.entries:
        yield from ((f"entry {e.number}", t) for t in (e.text, e.what, e.area, e.year, e.origin))


def _of_chart(chart: SeriesChart | DotChart | StackChart) -> Iterator[str]:
    yield plain(chart.caption)
    yield plain(chart.description)
    yield chart.label
    if isinstance(chart, StackChart):
        yield from chart.classes
        yield from (name for name, _ in chart.points)
        return
    yield chart.unit
    if chart.target:
        yield told_lines(chart.target)
    if isinstance(chart, DotChart):
        yield from (str(p.at) for p in chart.points)
        if chart.county:
            yield chart.county.label
    else:
        yield chart.reference_label


def in_tables(tables: dict[str, pa.Table]) -> Iterator[tuple[str, str]]:
    """The sentences of assessment.csv and warnings.csv."""
    columns = {
        "assessment": ("target_text", "attainment", "boundary", "pace_class", "likelihood", "reason"),
        "warnings": ("kind", "reason", "data_used", "what_would_change", "subject"),
    }
    for name, table in tables.items():
        for column in columns[name]:
            yield from ((f"{name}.{column}", t or "") for t in table[column].to_pylist())


def codes_of(pack: Pack) -> frozenset[str]:
    """Every code that people know by a name: of code lists, areas, indicators, targets, tables, forms,
    organisations."""
    found = {i.code for codes in pack.codes.values() for i in codes.items if i.code != i.label.zh}
    found |= {a.code for a in pack.area_tree if a.code != a.name} if hasattr(pack.area_tree, "__iter__") else set()
    found |= {*pack.areas, *pack.indicators, *pack.targets, *pack.facts, *pack.returns, *pack.organisations}
    found |= {*pack.codes, *(f.id for f in pack.fields)}
    return frozenset(c for c in found if not c.isdecimal() or len(c) >= 6) - _LETTERS


def faults(texts: Iterator[tuple[str, str]], pack: Pack) -> list[str]:
    """What is wrong with the texts, each with its place."""
    codes, found = codes_of(pack), []
    for place, text in texts:
        found += [f"{what} at {place}: {text}" for what, pattern in _WRONG.items() if pattern.search(text)]
        words = set(_WORDS.findall(_PATHS.sub("", text)))
        found += [f"code {word} at {place}: {text}" for word in sorted(words & codes)]
    return found


def told_of_collected(pack: Pack, collected: Collected, year: int) -> tuple[Document, list[str]]:
    """The report of a year, and what a reader would stumble over in it and in the run's tables."""
    measured = measure(pack, collected.tables)
    assessment = assess_pack(
        pack,
        measured.values,
        year=year,
        return_status=return_states(pack, collected, on=LATER),
        findings=findings(measured, collected_findings(pack, collected)),
    )
    document = build_report(
        pack,
        measured.values,
        assessment,
        year=year,
        demo=False,
        snapshot_id="0123456789abcdef",
        run_id="reading",
        generated_on=LATER,
    )
    tables = {"assessment": assessment.table(), "warnings": assessment.warnings_table()}
    return document, [*faults(visible(document), pack), *faults(in_tables(tables), pack)]
