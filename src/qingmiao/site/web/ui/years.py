"""The year that somebody has chosen, in one place: read from the address, offered by one selector, kept by every link.

A page that is asked for with `?year=` gives that year to whatever it leads to: its links, the menu, forms that ask
(GET), and the page that follows a step. Links that name a year themselves keep theirs. So no template has to think of
it.
"""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from qingmiao.site.web.ui.given import year as readable

LINK = re.compile(rb'(<a\b[^>]*?\bhref=")([/?][^"#]*)')
ASKING = re.compile(rb'(<form\b[^>]*\bmethod="get"[^>]*>)(.*?)(?=</form>)', re.DOTALL)
NAMED = re.compile(rb"[?&;]year=")
FIELD = b'<input type="hidden" name="year" value="%d">'


def chosen(request: HttpRequest) -> int:
    """The year in the address, from 1900 to 2200; 0 where none is named."""
    return readable(request.GET.get("year", ""), 0)


def year_of(request: HttpRequest, *, otherwise: int) -> int:
    """The year that a page shows: what was posted, else what the address names, else `otherwise`."""
    return readable(request.POST.get("year", ""), 0) or chosen(request) or otherwise


def around(year: int, *, before: int = 5) -> list[int]:
    """The years that a selector offers where no run names them, newest first: from some years ago to the next; the one
    that is shown is always among them (0: none is).
    """
    now = timezone.localdate().year
    return sorted({*range(now - before, now + 2), *([year] if year else [])}, reverse=True)


def keep(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response, leading on with the chosen year; as it is where none was chosen."""
    year = chosen(request)
    if not year or response.streaming:
        return response
    where = response.get("Location", "")
    if where.startswith(("/", "?")) and not where.startswith("//"):
        response["Location"] = _at(where.encode(), year, b"&").decode()
    elif response.status_code < 300 and response.get("Content-Type", "").startswith("text/html"):
        content = LINK.sub(lambda m: m[1] + _at(m[2], year, b"&amp;"), response.content)
        response.content = ASKING.sub(lambda m: m[0] if b'name="year"' in m[2] else m[1] + FIELD % year + m[2], content)
    return response


def _at(address: bytes, year: int, joint: bytes) -> bytes:
    if NAMED.search(address):
        return address
    path, mark, fragment = address.partition(b"#")
    return path + (joint if b"?" in path else b"?") + b"year=%d" % year + mark + fragment
