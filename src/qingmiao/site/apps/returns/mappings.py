"""A unit's own merged-header sheet: looked at once, each heading and row name given its code, saved for every year."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from qingmiao.collect.mapping import Heading, SheetMapping, headings, row_names
from qingmiao.collect.workbook import WorkbookError, read_workbook
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import NotAllowedError
from qingmiao.site.apps.returns import pack_returns
from qingmiao.site.apps.returns.models import Filing
from qingmiao.site.apps.returns.models import Mapping as SavedMapping
from qingmiao.site.apps.returns.reading import a_place
from qingmiao.site.apps.returns.showing import FilingView

MAX_LINES = 400


@dataclass(frozen=True)
class SheetLayout:
    """Where a sheet has its headings and its row names, as a person says: rows from 1, a column letter."""

    sheet: str
    header_rows: tuple[int, ...]
    key_column: str


@dataclass(frozen=True)
class SeenLabels:
    """The headings and row names of a sheet, each with the code that has the same label, "" where there is none."""

    layout: SheetLayout
    sheets: tuple[str, ...]
    columns: dict[Heading, str]
    rows: dict[str, str]


def layout(*, sheet: str, header_rows: str, key_column: str) -> SheetLayout:
    """What was typed: "2-4" or "2,3", "A". Raises NotAllowedError."""
    found = re.fullmatch(r"(\d{1,3})(?:\s*[-—至到~]\s*(\d{1,3}))?", header_rows.strip())
    if found is None:
        raise NotAllowedError("表头行写成 2-4（第 2 到第 4 行）这样")
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= last <= first + 9:
        raise NotAllowedError("表头行从小到大，最多 10 行")
    column = key_column.strip().upper()
    if not re.fullmatch(r"[A-Z]{1,2}", column):
        raise NotAllowedError("项目所在列写成 A 这样")
    return SheetLayout(sheet.strip(), tuple(range(first, last + 1)), column)


@dataclass(frozen=True)
class MappingView:
    """A mapping that a unit saved for a return."""

    pk: int
    name: str


def mappings(filing: FilingView) -> list[MappingView]:
    """The mappings of a filing's unit for its return."""
    rows = SavedMapping.objects.filter(unit=filing.unit_id, return_id=filing.return_id).order_by("name")
    return [MappingView(pk, name) for pk, name in rows.values_list("pk", "name")]


def look(by: access.By, filing: FilingView, data: bytes, name: str, where: SheetLayout) -> SeenLabels:
    """What a sheet has to map, in the throw-away process. Raises NotAllowedError for a file or layout that cannot be
    used."""
    with access.work(by, Filing.objects.get(pk=filing.pk), "fill") as doing:
        actor = doing.person
    assert actor is not None  # no job looks
    try:
        with a_place(actor):
            book = read_workbook(data, name)
    except WorkbookError as e:
        raise NotAllowedError(f"{e.fault.message}{'；' + e.fault.hint if e.fault.hint else ''}") from None
    title = where.sheet or next(iter(book))
    if title not in book:
        raise NotAllowedError(f"没有工作表「{title}」（有：{'、'.join(book)}）")
    where = SheetLayout(title, where.header_rows, where.key_column)
    return_ = pack_returns.return_of(filing.return_id)
    by_row = {_bare(r.label.zh): r.code for r in return_.rows}
    by_column = {_bare(c.label.zh): c.code for c in return_.columns}
    heads = list(dict.fromkeys(headings(book[title], where.header_rows).values()))
    names = list(dict.fromkeys(row_names(book[title], where.header_rows, where.key_column).values()))
    if not heads or not names:
        raise NotAllowedError("在这些行、列里没有找到表头或项目名，请核对表头行和项目所在列")
    return SeenLabels(
        where,
        tuple(book),
        {h: by_column.get(_bare(h[-1]), by_column.get(_bare("".join(h)), "")) for h in heads[:MAX_LINES]},
        {n: by_row.get(_bare(n), "") for n in names[:MAX_LINES]},
    )


def _bare(text: str) -> str:
    """A label without blanks, brackets with units, and leading numbering or 其中."""
    return re.sub(r"（[^）]*）|\([^)]*\)|\s|^[一二三四五六七八九十\d]+[、.．]|^其中[:：]?", "", text)


def save_mapping(
    by: access.By, filing: FilingView, *, name: str, where: SheetLayout, rows: Mapping[str, str],
    columns: Mapping[Heading, str]
) -> None:  # fmt: skip
    """Save (or replace) a named mapping of a unit's sheet for a return. Raises UserError for codes given twice, unknown
    or missing."""
    return_ = pack_returns.return_of(filing.return_id)
    rows, columns = ({k: c for k, c in given.items() if c} for given in (rows, columns))  # type: ignore[assignment]
    name = name.strip()[:60]
    if not name:
        raise UserError("给这个对照起个名字，例如“卫健年报表样”")
    for what, given, known in (
        ("行", rows, {r.code for r in return_.rows}),
        ("列", columns, {c.code for c in return_.columns}),
    ):
        codes = list(given.values())
        twice = sorted({c for c in codes if codes.count(c) > 1})
        if not codes:
            raise UserError(f"至少对上一{what}")
        if twice or not set(codes) <= known:
            raise UserError(f"{what}代码重复或不存在：{'、'.join(twice or sorted(set(codes) - known))}")
    content = SheetMapping(return_.id, where.sheet, where.header_rows, where.key_column, rows, columns)
    detail = {"return": return_.id, "name": name, "rows": len(rows), "columns": len(columns)}
    with access.work(by, Filing.objects.get(pk=filing.pk), "fill") as doing:
        SavedMapping.objects.update_or_create(
            unit_id=filing.unit_id, return_id=return_.id, name=name,
            defaults={"content": json.loads(content.to_json()), "saved_at": doing.at, "saved_by": doing.person},
        )  # fmt: skip
        audit.append(doing.actor, "returns.mapping.save", object_type="unit", object_id=filing.unit_id, detail=detail)
