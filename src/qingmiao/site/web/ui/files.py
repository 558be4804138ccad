"""Kept files given out: looked at in the browser where that is safe, else taken away."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from qingmiao.site.apps.files.api import Handed

LOOK = "look"
"""``?look=1`` asks to be shown a picture or a PDF instead of a download."""


def given_out(request: HttpRequest, file: Handed | None) -> HttpResponse:
    """The file under its name, a picture or PDF in the browser where that is asked for. 404 where there is none to see.

    Nothing runs in it: the kind is ours, the browser guesses none, and no cache keeps it.
    """
    if file is None:
        raise Http404
    shown = LOOK in request.GET and file.looked_at
    response = FileResponse(
        file.path.open("rb"), as_attachment=not shown, filename=file.name, content_type=file.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'self'"
    )
    return response  # type: ignore[return-value]  # a streaming response is one too
