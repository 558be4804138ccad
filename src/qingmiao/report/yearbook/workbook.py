"""A yearbook as an Excel workbook: contents with links, notes, a sheet a table, the indicators explained."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

from qingmiao.report.yearbook import words
from qingmiao.report.yearbook.tables import BookTable, Yearly

CONTENTS_SHEET, NOTES_SHEET, EXPLAINED_SHEET = "目录 Contents", "使用说明 Notes", "指标解释 Definitions"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def workbook(made: Yearly, *, demo: bool, snapshot: str, on: datetime) -> bytes:
    """The whole book; numbers are numbers with the decimals that are published, signs are text."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": words.title(made).zh, "created": on})
    form = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}),
        "text": book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"}),
        "sign": book.add_format({"border": 1, "align": "right"}),
        "note": book.add_format({"text_wrap": True, "font_size": 9, "valign": "top"}),
        "link": book.get_default_url_format(),
    }
    _contents(book, form, made)
    lines = [words.both(n) for n in words.notes(made, demo=demo, snapshot=snapshot)]
    _lines(book.add_worksheet(NOTES_SHEET), form, words.both(words.NOTES), [("", line) for line in lines])
    for one in made.tables:
        _table(book, form, one, demo=demo)
    said = [(words.both(i.label), f"{words.explained(i).zh}（{i.unit}）") for i in made.indicators]
    _lines(book.add_worksheet(EXPLAINED_SHEET), form, words.both(words.EXPLAINED), said)
    book.close()
    return out.getvalue()


def _contents(book: Any, form: dict[str, Any], made: Yearly) -> None:
    sheet = book.add_worksheet(CONTENTS_SHEET)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 80)
    sheet.write_string(0, 0, words.title(made).zh, form["title"])
    sheet.write_string(1, 0, words.title(made).en)
    row = 3
    sheet.write_url(row, 1, f"internal:'{NOTES_SHEET}'!A1", form["link"], words.both(words.NOTES))
    for n, chapter in enumerate(made.chapters):
        row += 1
        sheet.write_string(row, 0, str(n + 1), form["head"])
        sheet.write_string(row, 1, words.both(chapter), form["head"])
        for one in made.tables:
            if one.chapter == n:
                row += 1
                sheet.write_string(row, 0, one.number)
                sheet.write_url(row, 1, f"internal:'{one.number}'!A1", form["link"], words.both(one.label))
    sheet.write_url(row + 1, 1, f"internal:'{EXPLAINED_SHEET}'!A1", form["link"], words.both(words.EXPLAINED))


def _lines(sheet: Any, form: dict[str, Any], title: str, lines: list[tuple[str, str]]) -> None:
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, title, form["title"])
    for n, (name, text) in enumerate(lines, start=2):
        sheet.write_string(n, 0, name, form["note"])
        sheet.write_string(n, 1, text, form["note"])


def _table(book: Any, form: dict[str, Any], one: BookTable, *, demo: bool) -> None:
    sheet = book.add_worksheet(one.number)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 1 + len(one.heads), 11)
    sheet.write_string(0, 0, f"{one.number} {one.label.zh}{'（演示数据）' if demo else ''}", form["title"])
    sheet.write_string(1, 0, one.label.en)
    for n, head in enumerate((words.INDICATOR, words.UNIT, *one.heads)):
        sheet.write_string(2, n, head.zh if head.en in ("", head.zh) else f"{head.zh}\n{head.en}", form["head"])
    decimals: dict[int, Any] = {}
    for n, line in enumerate(one.rows, start=3):
        sheet.write_string(n, 0, words.both(line.label), form["text"])
        sheet.write_string(n, 1, line.unit, form["text"])
        for m, text in enumerate(line.values, start=2):
            if _NUMBER.fullmatch(text):
                places = len(text.partition(".")[2])
                if places not in decimals:
                    shape = "0" + ("." + "0" * places if places else "")
                    decimals[places] = book.add_format({"border": 1, "num_format": shape})
                sheet.write_number(n, m, float(text), decimals[places])
            else:
                sheet.write_string(n, m, text, form["sign"])
    for n, note in enumerate(one.notes, start=4 + len(one.rows)):
        sheet.merge_range(n, 0, n, 1 + len(one.heads), words.both(note), form["note"])
    sheet.freeze_panes(3, 2)
