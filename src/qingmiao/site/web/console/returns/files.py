"""Excel: the template of a return, uploading it filled (or a unit's own sheet through a mapping), preview, repaired
copy."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from qingmiao.collect.template import TemplateSubject, write_template
from qingmiao.collect.workbook import WorkbookError
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.returns import api
from qingmiao.site.web.console.returns.filing import found
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.sessions import person, reach

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _attachment(content: bytes, name: str) -> HttpResponse:
    safe = quote(name)
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{safe}"}
    )


@page(*WORKING, methods=("GET",))
def template(request: HttpRequest, number: int) -> HttpResponse:
    """The workbook of this very return with its present figures: matched by its codes when it comes back."""
    filing = found(request, number)
    return_ = api.return_of(filing.return_id)
    sheet = api.load(filing)
    values = {".".join(k): float(v) for k, v in sheet.values.items() if v is not None}
    values |= {c: float(v) for c, v in sheet.computed.items() if v is not None}
    made = io.BytesIO()
    pack = api.pack()
    who = TemplateSubject(
        filing.year, filing.area_id, api.area_name(filing.area_id), filing.unit_label, pack.policy.form_marks,
        api.signatures(filing), pack.indicators,
    )  # fmt: skip
    write_template(return_, who, made, values=values)
    name = f"{return_.id}-{return_.label.zh}-{filing.year}-{api.area_name(filing.area_id)}.xlsx"
    return _attachment(made.getvalue(), name)


@page(*WORKING)
def upload(request: HttpRequest, number: int) -> HttpResponse:
    """Upload a filled workbook; nothing is written before the preview is confirmed."""
    filing = found(request, number)
    if not api.may_fill(reach(request), filing):
        raise Http404
    decision = filing.can_edit
    mappings = api.mappings(filing)
    context: dict[str, Any] = {
        "filing": filing, "return": api.return_of(filing.return_id), "mappings": mappings,
        "problem": "" if decision else decision.reason,
        "uploads": api.uploads(filing),
    }  # fmt: skip
    if request.method == "POST" and decision:
        given = request.FILES.get("file")
        chosen = next((m for m in mappings if str(m.pk) == request.POST.get("mapping", "")), None)
        if given is None:
            context["problem"] = "请选一个 .xlsx 文件"
        elif (given.size or 0) > api.MAX_BYTES:
            context["problem"] = f"文件超过 {api.MAX_BYTES >> 20} MB"
        elif request.POST.get("mapping") and chosen is None:
            context["problem"] = "没有这个对照"
        else:
            data = given.read()
            before = api.uploaded_before(filing, data)
            try:
                made = api.receive_upload(
                    reach(request),
                    filing,
                    name=given.name or "",
                    data=data,
                    mapping=chosen.pk if chosen else None,
                )
            except UserError as e:
                context["problem"] = e.message
            else:
                there = reverse("returns.preview", kwargs={"number": number, "upload": made})
                return redirect(f"{there}?before={before}" if before else there)
    return render(request, "console/returns/upload.html", context, status=422 if context["problem"] else 200)


@page(*WORKING)
def mapping(request: HttpRequest, number: int) -> HttpResponse:
    """Look at a unit's own sheet, give each heading and row its code, save that for every year."""
    filing = found(request, number)
    if not api.may_fill(reach(request), filing):
        raise Http404
    given = request.POST
    context: dict[str, Any] = {
        "filing": filing,
        "return": api.return_of(filing.return_id),
        "given": given,
        "problem": "",
    }
    if request.method == "POST":
        try:
            where = api.layout(
                sheet=given.get("sheet", ""),
                header_rows=given.get("header_rows", ""),
                key_column=given.get("key_column", ""),
            )
            book = request.FILES.get("file")
            if book is not None and (book.size or 0) <= api.MAX_BYTES:
                context["seen"] = _lines(api.look(reach(request), filing, book.read(), book.name or "", where))
            elif given.get("name") is not None:
                heads = zip(given.getlist("heading"), given.getlist("column"), strict=False)
                rows = zip(given.getlist("row_name"), given.getlist("row"), strict=False)
                columns = {tuple(str(p) for p in json.loads(h)): c for h, c in heads}
                api.save_mapping(
                    reach(request), filing, name=given["name"], where=where, rows=dict(rows), columns=columns
                )
                return redirect("returns.upload", number=number)
            else:
                context["problem"] = "请选一个 .xlsx 文件（不超过 32 MB）"
        except (json.JSONDecodeError, TypeError):
            context["problem"] = "请求不完整，请重新选文件"
        except UserError as e:
            context["problem"] = e.message
    return render(request, "console/returns/mapping.html", context, status=422 if context["problem"] else 200)


def _lines(seen: Any) -> dict[str, Any]:
    """The headings and names as the page's lines."""
    return {
        "layout": seen.layout, "rows": seen.rows.items(),
        "header_rows": f"{seen.layout.header_rows[0]}-{seen.layout.header_rows[-1]}",
        "columns": [{"json": json.dumps(h, ensure_ascii=False), "text": " › ".join(h), "code": c} for h,
            c in seen.columns.items()],
    }  # fmt: skip


@page(*WORKING)
def preview(request: HttpRequest, number: int, upload: int) -> HttpResponse:
    """Every fault of an uploaded workbook, or what it would change; POST writes it."""
    filing = found(request, number)
    made = api.upload_of(filing, upload)
    context: dict[str, Any] = {"filing": filing, "return": api.return_of(filing.return_id), "upload": made}
    if before := whole(request.GET.get("before", ""), 0):
        context["before"] = api.upload_of(filing, before)
    status = 200
    if request.method == "POST":
        try:
            api.apply_upload(reach(request), made.pk)
        except UserError as e:
            context["problem"], status = e.message, 409
        else:
            return redirect("returns.filing", number=number)
    sheet = api.load(filing)
    rules = sheet.rules
    context["rows"] = [
        {
            "code": code, "row": rules.lines[key][0], "column": rules.lines[key][1],
            "was": api.shown(sheet.values.get(key)), "now": made.cells[code],
        }
        for key in rules.lines
        if (code := ".".join(key)) in made.cells
    ]  # fmt: skip
    context["can_be_marked"] = api.can_be_marked(made)
    context["stale"] = made.stale
    context["may_fill"] = bool(api.may_fill(reach(request), filing))
    return render(request, "console/returns/preview.html", context, status=status)


@page(*WORKING, methods=("GET",))
def repaired(request: HttpRequest, number: int, upload: int) -> HttpResponse:
    """The uploaded workbook with its faults marked in the cells; not there for a file that is no workbook."""
    filing = found(request, number)
    made = api.upload_of(filing, upload)
    if not api.can_be_marked(made):
        raise Http404
    try:
        content = api.repaired_upload(person(request), made)
    except WorkbookError as e:
        told = f"做不出标好错误的副本：{e.fault.message}。错误都列在核对页上，请在原文件里改"
        return HttpResponse(told, status=422, content_type="text/plain; charset=utf-8")
    except OSError:
        raise Http404 from None
    except api.NotAllowedError as e:
        return HttpResponse(
            e.message, status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"}
        )
    return _attachment(content, "核对结果-" + made.name.rsplit(".", 1)[0] + ".xlsx")
