"""Pages whose content depends on a run and their filters only: the content is rendered once and kept with the run."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from qingmiao.site.web.ui.language import CURRENT

KEPT = 400
"""At most this many fragments a run."""


def whole_page(
    request: HttpRequest,
    kept: MutableMapping[Any, str],
    key: tuple[Any, ...],
    template: str,
    make: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """A page made of the common frame and a kept fragment `template` (which must not depend on the person).

    `make` gives the fragment's context; it is called only when the fragment is not kept yet.
    """
    full = (*key, CURRENT.get())
    found = kept.get(full)
    if found is None:
        context = make()
        found = render_to_string(template, context)
        if len(kept) < KEPT:
            kept[full] = found
    return render(request, "ui/kept.html", {"kept": mark_safe(found)})
