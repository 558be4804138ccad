"""A printed form of a case, as PDF or docx."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@page(*WORKING, methods=("GET",))
def printed(request: HttpRequest, number: int, form: str, kind: str) -> HttpResponse:
    """One printed form, filled with what the case holds now; printing is written down."""
    if kind not in TYPES:
        raise Http404
    name, made = api.printed(reach(request), number, form, "pdf" if kind == "pdf" else "docx")
    answer = HttpResponse(made, content_type=TYPES[kind])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}.{kind}"
    answer["Cache-Control"] = "private, no-store"
    return answer
