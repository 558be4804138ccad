"""The annual report of the small county, word by word: its text cannot change without this file of text changing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

from qingmiao.report.model import Document, Figure, Text, plain

KEPT = Path(__file__).with_name("annual.txt")
TECHNIQUE = re.compile(r"\bp [=<] |\bz = |theta|gamma|\.parquet|facts/|returns/|漏斗图|离散度")
"""Names of tests, of models and of files: what a reader looks up, not what an official reads."""


def lines(document: Document) -> list[str]:
    """The title, then a line for each sentence, caption, row, point and sign, then the list of all numbers."""
    told = [document.title]
    for block in document.blocks:
        told += [f"[{type(block).__name__}]", *_of(block)]
    return [*told, "[entries]", *("｜".join(_of(entry)) for entry in document.entries)]


def _of(thing: object) -> Iterator[str]:
    """Every text and number of a block in its order; parts of one sentence are one line."""
    if isinstance(thing, str | int | float):
        yield str(thing)
    elif isinstance(thing, Figure):
        yield thing.text
    elif isinstance(thing, tuple) and thing and all(isinstance(p, Text | Figure) for p in thing):
        yield plain(thing)
    elif isinstance(thing, tuple) and thing and all(isinstance(p, tuple) for p in thing):
        yield from ("｜".join(_of(row)) for row in thing)
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _of(part)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _of(getattr(thing, field.name))


def test_the_annual_report_says_what_it_said(told: Document) -> None:
    """After a change that is meant: write `lines(told)` to `KEPT`, and read the difference."""
    kept = KEPT.read_text("utf-8").splitlines()
    assert list(difflib.unified_diff(kept, lines(told), "annual.txt", "now", lineterm="", n=1)) == []


def test_how_something_was_found_stands_in_the_list_of_numbers_alone(told: Document) -> None:
    said = lines(told)
    entries = said.index("[entries]")
    assert [line for line in said[:entries] if TECHNIQUE.search(line)] == []
    assert [line for line in said[entries:] if TECHNIQUE.search(line)]
