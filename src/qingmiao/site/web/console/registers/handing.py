"""A register handed out: exported in the department's columns, printed as a sheet, an entry as a card."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.registers import api
from qingmiao.site.web.console.registers.views import filters_of
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
LISTS, PRINTS = ("xlsx", "csv"), ("pdf", "docx")


def handed(name: str, data: bytes, form: str) -> HttpResponse:
    """A file to save, that no cache keeps."""
    answer = HttpResponse(data, content_type=TYPES[form])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer["Cache-Control"] = "private, no-store"
    return answer


@page(*WORKING, methods=("GET",))
def export(request: HttpRequest, register: str, form: str) -> HttpResponse:
    """What the list shows, as a workbook or CSV."""
    if form not in LISTS:
        raise Http404
    can = reach(request)
    filters = filters_of(request, api.kind(can, register))
    return _made(lambda: api.exported(can, register, filters.narrowed, form), form)


@page(*WORKING, methods=("GET",))
def sheet(request: HttpRequest, register: str, form: str) -> HttpResponse:
    """What the list shows, on paper."""
    if form not in PRINTS:
        raise Http404
    can = reach(request)
    filters = filters_of(request, api.kind(can, register))
    return _made(lambda: api.sheet(can, register, filters.narrowed, "pdf" if form == "pdf" else "docx"), form)


@page(*WORKING, methods=("GET",))
def card(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """One entry, on paper."""
    if form not in PRINTS:
        raise Http404
    can = reach(request)
    return _made(lambda: api.card(can, number, "pdf" if form == "pdf" else "docx"), form)


def _made(make: Callable[[], tuple[str, bytes]], form: str) -> HttpResponse:
    try:
        name, data = make()
    except UserError as e:
        return HttpResponse(str(e), status=400, content_type="text/plain; charset=utf-8")
    return handed(name, data, form)
