"""Every table of the site as a workbook: what is on the page with its filters, asked for by `export=xlsx`.

The page itself is made as always, for whoever may see it, and its tables are read from it: nothing is exported that was
not shown. Each export stands in the audit trail. Pages that show persons give their tables only for a purpose, which
stands in the workbook and in the trail; the person's name stands in neither the trail nor the file's name.
"""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from urllib.parse import quote, urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import escape

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.api import LEAST_WORDS
from qingmiao.site.apps.records import api as records
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.sessions import person, reach

ASKED, PURPOSE = "export", "purpose"
PERSONS = {"records.": "儿童档案", "mothers.": "孕产妇档案", "benefits.one": "发放批次"}
"""Beginnings of names of addresses whose pages show persons, and how their workbooks are called."""
NEVER = ("cases.list", "cases.round_unit", "cases.unsealings")
"""Addresses whose tables are no workbook for anybody: what is 核心 leaves the site on no list."""
PLACE = b"<!--export-->"
"""Where the frame leaves room for the link."""
_TABLE = b'<table class="table'
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,8})(?:\.\d+)?")
_SHARE = re.compile(r"-?\d{1,6}(?:\.\d+)?%")
_CODE = re.compile(r"0\d")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page with the link to its workbook, where it has a table; or that workbook, where it was asked for."""
    whole = request.method == "GET" and response.status_code == 200 and not response.streaming
    if not whole or _TABLE not in response.content:
        return response
    view = request.resolver_match.view_name if request.resolver_match is not None else ""
    if view in NEVER:
        return response
    persons = next((name for beginning, name in PERSONS.items() if view.startswith(beginning)), "")
    purpose = " ".join(request.GET.get(PURPOSE, "").split())[:200] if persons else ""
    if request.GET.get(ASKED) != "xlsx" or (persons and len(purpose) < LEAST_WORDS):
        said = [(k, v) for k, vs in request.GET.lists() for v in vs if k not in (ASKED, PURPOSE)]
        words = t("导出本页表格（Excel）", "Export the tables of this page (Excel)")
        place = _form(said, words) if persons else _link(said, words)
        response.content = response.content.replace(PLACE, place.encode())
        return response
    page = _Page()
    page.feed(response.content.decode())
    title = persons or " ".join(page.title.split()) or "表格"
    who = person(request)
    detail = {"name": title, "query": request.GET.urlencode(), "rows": sum(len(x) for x in page.tables)}
    if persons:
        of = records.purpose_ids(reach(request), "mother" if view.startswith("mothers.") else "child")
        detail |= {"query": "", "purpose": purpose, "purposes": of}
    with transaction.atomic():
        audit.append(who, "site.export", object_type="page", object_id=request.path[:80], detail=detail)
    now = timezone.localtime()
    heading = f"{title}　导出：{who.name}　{now:%Y年%-m月%-d日 %H:%M}" + (f"　用途：{purpose}" if purpose else "")
    name = quote(f"{title}-{now:%Y%m%d}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return HttpResponse(workbook(heading, page.tables), content_type=XLSX, headers=headers)


def _link(said: list[tuple[str, str]], words: str) -> str:
    query = urlencode([*said, (ASKED, "xlsx")]).replace("&", "&amp;")
    return f'<p class="export"><a href="?{query}">{words}</a></p>'


def _form(said: list[tuple[str, str]], words: str) -> str:
    """The same for a page of persons: the purpose is asked for."""
    held = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in [*said, (ASKED, "xlsx")])
    label = t("导出的用途", "Purpose of the export")
    return (
        f'<form method="get" class="export row">{held}<label for="export-purpose">{label}</label>'
        f'<input id="export-purpose" name="{PURPOSE}" required minlength="{LEAST_WORDS}" maxlength="200"'
        f' autocomplete="off"><button>{words}</button></form>'
    )


def workbook(heading: str, tables: list[list[list[str]]]) -> bytes:
    """One sheet a table: the heading, then its rows; numbers and shares as numbers, codes and all else as text, so that
    nothing is ever read as a formula."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    share, bold = book.add_format({"num_format": "0.0#%"}), book.add_format({"bold": True})
    for number, rows in enumerate(tables, start=1):
        sheet = book.add_worksheet(f"表{number}")
        sheet.write_string(0, 0, heading, bold)
        for i, row in enumerate(rows, start=2):
            for j, text in enumerate(row):
                if _NUMBER.fullmatch(text) and not _CODE.match(text):
                    sheet.write_number(i, j, float(text.replace(",", "")))
                elif _SHARE.fullmatch(text):
                    sheet.write_number(i, j, float(text[:-1]) / 100, share)
                else:
                    sheet.write_string(i, j, text[:32_000])
        sheet.set_column(0, max((len(r) for r in rows), default=1), 18)
    book.close()
    return out.getvalue()


class _Page(HTMLParser):
    """Reads the heading and the tables of a page of ours; `tables`: rows of cells of text."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.tables: list[list[list[str]]] = []
        self._open = self._heading = self._cell = False
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens a table, row, cell or the heading."""
        if tag == "h1" and not self.title:
            self._heading = True
        elif tag == "table" and (dict(attrs).get("class") or "").split()[:1] == ["table"]:
            self._open = True
            self.tables.append([])
        elif self._open and tag == "tr":
            self.tables[-1].append([])
        elif self._open and tag in ("td", "th") and self.tables[-1]:
            self._cell = True
            self.tables[-1][-1].append("")
        elif tag in ("svg", "textarea", "select"):
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        """Closes it."""
        if tag == "h1":
            self._heading = False
        elif tag == "table":
            self._open = self._cell = False
        elif tag in ("td", "th") and self._cell:
            self._cell = False
            self.tables[-1][-1][-1] = " ".join(self.tables[-1][-1][-1].split())
        elif tag in ("svg", "textarea", "select"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        """Text of the heading or of a cell."""
        if self._hidden:
            return
        if self._heading:
            self.title += data
        elif self._cell:
            self.tables[-1][-1][-1] += data
