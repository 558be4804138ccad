"""The one view of the portal: a path, and the page that is kept for it."""

from __future__ import annotations

import psycopg
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified

from qingmiao.site.web.portal import keeping
from qingmiao.site.web.ui.access import open_page

FRESH = "public, max-age=60, stale-while-revalidate=600"
"""A minute in between before a reader hears of a new edition; a county's server is asked the less."""
EMBEDDED = {"xframe_options_exempt": True, "_csp_replace": {"frame-ancestors": ["*"]}}
"""What the middlewares of frames and of the content policy read on a response that other sites may show in a frame."""


@open_page("GET")
def portal(request: HttpRequest, path: str = "") -> HttpResponse:
    """A page, table or chart of the newest public edition, for everybody."""
    wanted = f"{path}index.html" if path == "" or path.endswith("/") else path
    try:
        found = keeping.KEPT.page(wanted)
    except psycopg.Error:
        return HttpResponse(
            "公开数据暂时不能查看，请稍后再来。 The public data cannot be read at the moment.", status=503,
            headers={"Retry-After": "30"}, content_type="text/plain; charset=utf-8",
        )  # fmt: skip
    if found is None:
        raise Http404
    if request.headers.get("If-None-Match") == found.etag:
        return HttpResponseNotModified(headers={"ETag": found.etag, "Cache-Control": FRESH})
    response = HttpResponse(
        found.body, content_type=found.type, headers={"ETag": found.etag, "Cache-Control": FRESH}
    )  # fmt: skip
    if found.embeds:
        for name, value in EMBEDDED.items():
            setattr(response, name, value)
    return response
